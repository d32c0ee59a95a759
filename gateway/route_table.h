// From a method and a path to the route that serves it: a trie over the segments of all templates.
// Precedence at each segment: a literal, then `*`, then `**`, with full back-tracking; a path's
// verb is tried before the same path without one, and a known verb with another method is just
// that. No route is hidden by another of its shape: that is an error when it is added.
//
// Built once, then immutable and thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "gateway/path_template.h"

namespace sluice::gateway {

struct RouteMatch {
  enum class Kind { kFound, kNotFound, kMethodNotAllowed, kMalformed };
  Kind kind = Kind::kNotFound;
  // For kFound: what Add was given.
  size_t route = 0;
  // A HEAD that a GET route answers.
  bool implicit_head = false;
  // For kFound: the decoded value of each of the template's variables, in its order.
  std::vector<std::string> values;
  // For kMethodNotAllowed: the methods that the path has, sorted.
  std::vector<std::string> allowed;
};

class RouteTable {
 public:
  RouteTable();
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;

  // `method` is an HTTP method, or `*` for all that the path has no own route for.
  // ALREADY_EXISTS when a route of the same shape and method is there.
  absl::Status Add(absl::string_view method, const PathTemplate& path, size_t route);

  // `path` as in the request, escapes and all.
  RouteMatch Match(absl::string_view method, absl::string_view path) const;

  // The methods of every route that could serve `path`, HEAD included where GET is; sorted.
  std::vector<std::string> Allowed(absl::string_view path) const;

 private:
  struct Node;
  struct Target;
  struct Search;

  static void Walk(const Node& node, size_t depth, Search* search);
  static void WalkRest(const Node& rest, size_t depth, Search* search);
  static void Visit(const Node& node, Search* search);
  static bool SplitPath(absl::string_view path, std::vector<absl::string_view>* segments);
  void SearchVerbs(absl::string_view path, Search* search) const;
  static bool Bind(const Search& search, RouteMatch* match);

  std::unique_ptr<Node> root_;
  // Every verb of any route.
  std::map<std::string, int, std::less<>> verbs_;
};

}  // namespace sluice::gateway
