#include "clients/cpp/cli/curl.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace sluice::cli {
namespace {

using Source = client::Credential::Source;

bool IsPlainInShell(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("-_./:=,@%+").find(c) != absl::string_view::npos;
}

std::string AuthorizationFlag(const client::Credential& credential, bool writes) {
  switch (credential.source) {
    case Source::kNone:
      return "";
    case Source::kGiven:
    case Source::kEnvironment:
      return credential.token.empty() ? "" : R"( -H "Authorization: Bearer $SLUICE_TOKEN")";
    case Source::kFile:
      // The admin token of this machine is found by itself; reads work without it.
      if (!writes) return "";
      return absl::StrCat(R"( -H "Authorization: Bearer $(cat )", ShellQuote(credential.path),
                          ")\"");
  }
  return "";
}

std::string UrlOf(absl::string_view http, const HttpCall& call) {
  std::string url(absl::StripSuffix(http, "/"));
  for (const std::string& segment : call.path) absl::StrAppend(&url, "/", UrlEncode(segment));
  if (!call.verb.empty()) absl::StrAppend(&url, ":", call.verb);
  char separator = '?';
  for (const auto& [name, value] : call.query) {
    url.push_back(separator);
    absl::StrAppend(&url, UrlEncode(name), "=", UrlEncode(value));
    separator = '&';
  }
  return url;
}

}  // namespace

std::string ShellQuote(absl::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), IsPlainInShell)) {
    return std::string(word);
  }
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", R"('\'')"}}), "'");
}

std::string UrlEncode(absl::string_view text) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::string_view("-._~").find(c) != absl::string_view::npos) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHexDigits[byte >> 4]);
      out.push_back(kHexDigits[byte & 0xF]);
    }
  }
  return out;
}

std::string CurlLine(absl::string_view http, const client::Credential& credential,
                     const HttpCall& call) {
  std::string line = "curl -sS";
  if (!call.output_file.empty()) {
    line = absl::StrCat("curl -fS -o ", ShellQuote(call.output_file));
  }
  // curl would take them for steps through folders.
  if (std::any_of(call.path.begin(), call.path.end(),
                  [](const std::string& segment) { return segment == "." || segment == ".."; })) {
    absl::StrAppend(&line, " --path-as-is");
  }
  if (!call.method.empty()) absl::StrAppend(&line, " -X ", call.method);
  absl::StrAppend(&line, AuthorizationFlag(credential, call.writes));
  if (!call.body.empty()) {
    absl::StrAppend(&line, " -H 'Content-Type: application/json' -d ", ShellQuote(call.body));
  }
  return absl::StrCat(line, " ", ShellQuote(UrlOf(http, call)));
}

}  // namespace sluice::cli
