#include "gateway/service_routes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"
#include "google/api/http.pb.h"

#include "gateway/path_template.h"
#include "server/base/status.h"

namespace sluice::gateway {
namespace {

using google::api::HttpRule;
using google::protobuf::MethodDescriptor;

constexpr absl::string_view kHttpBody = "google.api.HttpBody";

struct Pattern {
  std::string method;
  std::string path;
};

Pattern PatternOf(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

std::string ProtoPath(const FieldPath& path) {
  return absl::StrJoin(path, ".", [](std::string* out, const FieldEntry* field) {
    out->append(field->descriptor->name());
  });
}

class Builder {
 public:
  explicit Builder(FieldTables* tables) : tables_(tables) {}

  absl::Status AddMethod(const MethodDescriptor* method) {
    if (method->client_streaming()) return absl::OkStatus();
    if (!method->options().HasExtension(google::api::http)) {
      HttpRule rule;
      rule.set_post(absl::StrCat("/", method->service()->full_name(), "/", method->name()));
      rule.set_body("*");
      return AddRule(method, rule);
    }
    const HttpRule& rule = method->options().GetExtension(google::api::http);
    RETURN_IF_ERROR(AddRule(method, rule));
    for (const HttpRule& additional : rule.additional_bindings()) {
      if (additional.additional_bindings_size() > 0) {
        return Blame(method, "additional_bindings within additional_bindings");
      }
      RETURN_IF_ERROR(AddRule(method, additional));
    }
    return absl::OkStatus();
  }

  ServiceRoutes Take() { return std::move(result_); }

 private:
  static absl::Status Blame(const MethodDescriptor* method, absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat(method->file()->name(), ": ", method->full_name(), ": ", what));
  }

  absl::Status AddRule(const MethodDescriptor* method, const HttpRule& rule) {
    const Pattern pattern = PatternOf(rule);
    if (pattern.method.empty()) return Blame(method, "a binding without method");
    const auto path = ParsePathTemplate(pattern.path);
    if (!path.ok()) return Blame(method, path.status().message());
    Route route;
    route.method = method;
    route.rpc = absl::StrCat("/", method->service()->full_name(), "/", method->name());
    route.input = tables_->For(method->input_type());
    route.output = tables_->For(method->output_type());
    route.streams = method->server_streaming();
    route.raw_response = method->output_type()->full_name() == kHttpBody;
    RETURN_IF_ERROR(ResolveVariables(*path, &route));
    RETURN_IF_ERROR(ResolveBodies(rule, &route));
    const absl::Status added = result_.table.Add(pattern.method, *path, result_.routes.size());
    if (!added.ok()) {
      return Blame(method, absl::StrCat(pattern.method, " ", pattern.path, ": ", added.message()));
    }
    result_.routes.push_back(std::move(route));
    return absl::OkStatus();
  }

  static absl::Status ResolveVariables(const PathTemplate& path, Route* route) {
    for (const PathVariable& variable : path.variables) {
      FieldPath fields = ResolveFieldPath(*route->input, variable.field_path);
      if (fields.empty()) {
        return Blame(route->method, absl::StrCat("no field ", variable.field_path));
      }
      const FieldEntry& leaf = *fields.back();
      if (leaf.shape != FieldEntry::Shape::kSingular || !HasTextForm(leaf)) {
        return Blame(route->method, absl::StrCat(variable.field_path, " cannot stand in a path"));
      }
      route->bound.insert(ProtoPath(fields));
      route->variables.push_back(std::move(fields));
    }
    return absl::OkStatus();
  }

  static absl::Status ResolveBodies(const HttpRule& rule, Route* route) {
    if (rule.body() == "*") {
      route->body = Route::Body::kWhole;
      route->raw_request = route->input->descriptor->full_name() == kHttpBody;
    } else if (!rule.body().empty()) {
      route->body = Route::Body::kField;
      route->body_field = route->input->ByName(rule.body());
      if (route->body_field == nullptr) {
        return Blame(route->method, absl::StrCat("no body field ", rule.body()));
      }
      route->bound.insert(route->body_field->descriptor->name());
      route->raw_request = route->body_field->shape == FieldEntry::Shape::kSingular &&
                           route->body_field->message != nullptr &&
                           route->body_field->message->descriptor->full_name() == kHttpBody;
    }
    if (rule.response_body().empty()) return absl::OkStatus();
    route->response_field = route->output->ByName(rule.response_body());
    if (route->response_field == nullptr) {
      return Blame(route->method, absl::StrCat("no response field ", rule.response_body()));
    }
    return absl::OkStatus();
  }

  FieldTables* const tables_;
  ServiceRoutes result_;
};

}  // namespace

FieldPath ResolveFieldPath(const MessageTable& table, absl::string_view dotted) {
  FieldPath path;
  const MessageTable* at = &table;
  for (const absl::string_view name : absl::StrSplit(dotted, '.')) {
    if (at == nullptr) return {};
    const FieldEntry* field = at->ByName(name);
    if (field == nullptr) return {};
    path.push_back(field);
    at = field->shape == FieldEntry::Shape::kSingular ? field->message : nullptr;
  }
  return path;
}

bool HasTextForm(const FieldEntry& field) {
  if (field.type == google::protobuf::FieldDescriptor::TYPE_GROUP) return false;
  if (field.message == nullptr) return true;
  return field.message->well_known != WellKnown::kNone &&
         field.message->well_known != WellKnown::kAny;
}

absl::StatusOr<ServiceRoutes> BuildRoutes(const google::protobuf::DescriptorPool& pool,
                                          const std::vector<std::string>& services,
                                          FieldTables* tables) {
  Builder builder(tables);
  for (const std::string& name : services) {
    const auto* service = pool.FindServiceByName(name);
    if (service == nullptr) return absl::NotFoundError(absl::StrCat("no service ", name));
    for (int i = 0; i < service->method_count(); ++i) {
      RETURN_IF_ERROR(builder.AddMethod(service->method(i)));
    }
  }
  return builder.Take();
}

}  // namespace sluice::gateway
