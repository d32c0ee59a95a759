#include "gateway/route_table.h"

#include <limits>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "gateway/percent.h"
#include "server/base/check.h"

namespace sluice::gateway {

namespace {
constexpr size_t kNoRest = std::numeric_limits<size_t>::max();
}  // namespace

struct RouteTable::Target {
  size_t route = 0;
  std::vector<PathVariable> variables;
  size_t segments = 0;
  // Where `**` stands.
  size_t rest = kNoRest;
};

struct RouteTable::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> one;
  std::unique_ptr<Node> rest;
  // By verb, then by method.
  std::map<std::string, std::map<std::string, Target, std::less<>>, std::less<>> targets;
};

struct RouteTable::Search {
  absl::string_view method;
  std::vector<absl::string_view> segments;
  // The segments as NormalizeLiteral spells them.
  std::vector<std::string> literals;
  std::string verb;
  const Target* found = nullptr;
  std::set<std::string> allowed;
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

absl::Status RouteTable::Add(absl::string_view method, const PathTemplate& path, size_t route) {
  Target target{route, path.variables, path.segments.size(), kNoRest};
  Node* node = root_.get();
  for (size_t i = 0; i < path.segments.size(); ++i) {
    const PathSegment& segment = path.segments[i];
    std::unique_ptr<Node>* next = nullptr;
    switch (segment.kind) {
      case PathSegment::Kind::kLiteral:
        next = &node->literals[segment.literal];
        break;
      case PathSegment::Kind::kOne:
        next = &node->one;
        break;
      case PathSegment::Kind::kRest:
        next = &node->rest;
        target.rest = i;
        break;
    }
    if (*next == nullptr) *next = std::make_unique<Node>();
    node = next->get();
  }
  auto& methods = node->targets[path.verb];
  const bool added = methods.emplace(std::string(method), std::move(target)).second;
  if (!added) return absl::AlreadyExistsError("another route has the same method and path");
  if (!path.verb.empty()) verbs_[path.verb] = 1;
  return absl::OkStatus();
}

bool RouteTable::SplitPath(absl::string_view path, std::vector<absl::string_view>* segments) {
  if (!absl::StartsWith(path, "/")) return false;
  path.remove_prefix(1);
  if (path.empty()) return true;
  while (true) {
    const size_t slash = path.find('/');
    segments->push_back(path.substr(0, slash));
    if (slash == absl::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

void RouteTable::Visit(const Node& node, Search* search) {
  const auto methods = node.targets.find(search->verb);
  if (methods == node.targets.end()) return;
  for (const auto& [method, target] : methods->second) search->allowed.insert(method);
  auto target = methods->second.find(search->method);
  if (target == methods->second.end()) target = methods->second.find("*");
  if (target != methods->second.end()) search->found = &target->second;
}

void RouteTable::Walk(const Node& node, size_t depth, Search* search) {
  if (depth == search->segments.size()) {
    Visit(node, search);
  } else {
    const auto literal = node.literals.find(search->literals[depth]);
    if (literal != node.literals.end()) Walk(*literal->second, depth + 1, search);
    if (search->found == nullptr && node.one != nullptr && !search->segments[depth].empty()) {
      Walk(*node.one, depth + 1, search);
    }
  }
  if (search->found == nullptr && node.rest != nullptr) WalkRest(*node.rest, depth, search);
}

void RouteTable::WalkRest(const Node& rest, size_t depth, Search* search) {
  // The shortest `**` first: it leaves the most to the literals after it.
  for (size_t end = depth; end <= search->segments.size() && search->found == nullptr; ++end) {
    Walk(rest, end, search);
  }
}

void RouteTable::SearchVerbs(absl::string_view path, Search* search) const {
  if (!SplitPath(path, &search->segments) || search->segments.empty()) {
    if (absl::StartsWith(path, "/")) Walk(*root_, 0, search);
    return;
  }
  const absl::string_view last = search->segments.back();
  const std::string last_literal = search->literals.back();
  for (size_t colon = last.find(':', 1); colon < last.size() && search->found == nullptr;
       colon = last.find(':', colon + 1)) {
    std::string verb;
    if (!NormalizeLiteral(last.substr(colon + 1), &verb) || !verbs_.contains(verb)) continue;
    search->verb = std::move(verb);
    search->segments.back() = last.substr(0, colon);
    search->literals.back().clear();
    NormalizeLiteral(last.substr(0, colon), &search->literals.back());
    Walk(*root_, 0, search);
    // The path has that verb, though maybe with another method: it is no name with a colon, which
    // would be spelled %3A.
    if (search->found != nullptr || !search->allowed.empty()) return;
  }
  search->verb.clear();
  search->segments.back() = last;
  search->literals.back() = last_literal;
  Walk(*root_, 0, search);
}

bool RouteTable::Bind(const Search& search, RouteMatch* match) {
  const Target& target = *search.found;
  // A `**` took so many segments more, or one less, than its own place.
  const size_t taken = search.segments.size() + 1 - target.segments;
  const auto place = [&](size_t index) {
    return target.rest == kNoRest || index <= target.rest ? index : index - 1 + taken;
  };
  for (const PathVariable& variable : target.variables) {
    const size_t begin = place(variable.begin);
    const size_t end = place(variable.end);
    std::string raw;
    for (size_t i = begin; i < end; ++i) {
      absl::StrAppend(&raw, i == begin ? "" : "/", search.segments[i]);
    }
    std::string& value = match->values.emplace_back();
    if (!PercentDecode(raw, variable.single ? Keep::kNothing : Keep::kSlashes, &value)) {
      return false;
    }
  }
  match->route = target.route;
  return true;
}

RouteMatch RouteTable::Match(absl::string_view method, absl::string_view path) const {
  RouteMatch match;
  std::vector<absl::string_view> segments;
  SplitPath(path, &segments);
  std::vector<std::string> literals;
  literals.reserve(segments.size());
  for (const absl::string_view segment : segments) {
    if (!NormalizeLiteral(segment, &literals.emplace_back())) {
      match.kind = RouteMatch::Kind::kMalformed;
      return match;
    }
  }
  Search search{.method = method, .segments = {}, .literals = literals, .verb = {}, .allowed = {}};
  SearchVerbs(path, &search);
  if (search.found == nullptr && method == "HEAD") {
    search = {.method = "GET", .segments = {}, .literals = literals, .verb = {}, .allowed = {}};
    SearchVerbs(path, &search);
    match.implicit_head = search.found != nullptr;
  }
  if (search.found != nullptr) {
    match.kind = Bind(search, &match) ? RouteMatch::Kind::kFound : RouteMatch::Kind::kMalformed;
    return match;
  }
  if (search.allowed.empty()) return match;
  match.kind = RouteMatch::Kind::kMethodNotAllowed;
  if (search.allowed.contains("GET")) search.allowed.insert("HEAD");
  match.allowed.assign(search.allowed.begin(), search.allowed.end());
  return match;
}

std::vector<std::string> RouteTable::Allowed(absl::string_view path) const {
  // No route has a method without a name, so that this collects what there is.
  RouteMatch match = Match("", path);
  if (match.kind == RouteMatch::Kind::kFound) return {"*"};
  return std::move(match.allowed);
}

}  // namespace sluice::gateway
