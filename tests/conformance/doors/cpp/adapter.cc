// The C++ door: answers requests that come as lines of JSON on standard input, through the C++
// client library or, for what the library decides by itself (page sizes, malformed fields), through
// gRPC's generic stub. The lines: tests/conformance/README.md.
#include <google/protobuf/struct.pb.h>

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/conformance/doors/cpp/client_calls.h"
#include "tests/conformance/doors/cpp/generic_call.h"
#include "tests/conformance/doors/cpp/json_text.h"

namespace sluice::conformance {
namespace {

using google::protobuf::Struct;

std::string TextOf(const Struct& line, const std::string& name) {
  const auto field = line.fields().find(name);
  return field == line.fields().end() ? "" : field->second.string_value();
}

Answer AnswerLine(const std::string& address, const std::string& text) {
  Struct line;
  if (const auto status = ParseJson(text, &line); !status.ok()) return status;
  const Call call = {address, TextOf(line, "token"), TextOf(line, "method"),
                     TextOf(line, "request")};
  return TextOf(line, "via") == "client" ? CallClient(call) : CallGeneric(call);
}

int Run(const std::string& address) {
  std::string text;
  while (std::getline(std::cin, text)) {
    const Answer answer = AnswerLine(address, text);
    std::cout << (answer.ok() ? absl::StrCat("{\"responses\":[", *answer, "]}")
                              : absl::StrCat("{\"error\":", ErrorJson(answer.status()), "}"))
              << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace sluice::conformance

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: cpp_door ADDRESS\n";
    return 2;
  }
  return sluice::conformance::Run(argv[1]);
}
