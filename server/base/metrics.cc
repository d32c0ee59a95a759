#include "server/base/metrics.h"

#include "absl/status/status.h"
#include "prometheus/text_serializer.h"

namespace sluice {
namespace {

const prometheus::Histogram::BucketBoundaries& SecondsBuckets() {
  static const prometheus::Histogram::BucketBoundaries buckets = {
      0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
  return buckets;
}

const prometheus::Histogram::BucketBoundaries& GroupBuckets() {
  static const prometheus::Histogram::BucketBoundaries buckets = {1,  2,  4,   8,   16,
                                                                  32, 64, 128, 256, 512};
  return buckets;
}

// The canonical codes as dashboards spell them.
std::string CodeName(int code) {
  static const char* const kNames[17] = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  return kNames[code];
}

template <typename T>
prometheus::Family<T>& Family(prometheus::Registry& registry,
                              prometheus::detail::Builder<T> builder, const char* name,
                              const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

}  // namespace

Metrics::Metrics()
    : started_(Family(registry_, prometheus::BuildCounter(), "grpc_server_started_total",
                      "RPCs started on the server.")),
      handled_(Family(registry_, prometheus::BuildCounter(), "grpc_server_handled_total",
                      "RPCs completed on the server, by code.")),
      messages_sent_(Family(registry_, prometheus::BuildCounter(), "grpc_server_msg_sent_total",
                            "Messages sent by the server.")),
      handling_seconds_(Family(registry_, prometheus::BuildHistogram(),
                               "grpc_server_handling_seconds",
                               "Time from an RPC's arrival to its status.")),
      writer_queue_length_(Family(registry_, prometheus::BuildGauge(), "sluice_writer_queue_length",
                                  "Writes waiting for the database's writer.")),
      writer_group_size_(Family(registry_, prometheus::BuildHistogram(), "sluice_writer_group_size",
                                "Writes that shared one commit.")),
      writer_commit_seconds_(Family(registry_, prometheus::BuildHistogram(),
                                    "sluice_writer_commit_seconds",
                                    "Time of one COMMIT, disk included.")),
      wal_bytes_(Family(registry_, prometheus::BuildGauge(), "sluice_wal_bytes",
                        "Bytes of the write-ahead log's file.")),
      read_leases_(Family(registry_, prometheus::BuildGauge(), "sluice_read_leases",
                          "Read connections in use.")),
      reads_ended_(Family(registry_, prometheus::BuildCounter(), "sluice_wal_reads_ended_total",
                          "Reads that were ended because the write-ahead log had passed its "
                          "ceiling.")) {}

Metrics::Method Metrics::MakeMethod(absl::string_view type, absl::string_view service,
                                    absl::string_view method) {
  const prometheus::Labels labels = {{"grpc_type", std::string(type)},
                                     {"grpc_service", std::string(service)},
                                     {"grpc_method", std::string(method)}};
  Method series;
  series.started = &started_.Add(labels);
  series.messages_sent = &messages_sent_.Add(labels);
  series.handling_seconds = &handling_seconds_.Add(labels, SecondsBuckets());
  for (int code = 0; code < 17; ++code) {
    prometheus::Labels with_code = labels;
    with_code["grpc_code"] = CodeName(code);
    series.handled[code] = &handled_.Add(with_code);
  }
  return series;
}

DatabaseMetrics Metrics::MakeDatabase(absl::string_view database) {
  const prometheus::Labels labels = {{"database", std::string(database)}};
  MutexLock lock(&mutex_);
  const DatabaseMetrics series{
      .writer_queue_length = &writer_queue_length_.Add(labels),
      .writer_group_size = &writer_group_size_.Add(labels, GroupBuckets()),
      .writer_commit_seconds = &writer_commit_seconds_.Add(labels, SecondsBuckets()),
      .wal_bytes = &wal_bytes_.Add(labels),
      .read_leases = &read_leases_.Add(labels),
      .reads_ended = &reads_ended_.Add(labels)};
  ++database_users_[series.writer_queue_length];
  return series;
}

void Metrics::ForgetDatabase(const DatabaseMetrics& metrics) {
  MutexLock lock(&mutex_);
  if (--database_users_[metrics.writer_queue_length] > 0) return;
  database_users_.erase(metrics.writer_queue_length);
  writer_queue_length_.Remove(metrics.writer_queue_length);
  writer_group_size_.Remove(metrics.writer_group_size);
  writer_commit_seconds_.Remove(metrics.writer_commit_seconds);
  wal_bytes_.Remove(metrics.wal_bytes);
  read_leases_.Remove(metrics.read_leases);
  reads_ended_.Remove(metrics.reads_ended);
}

std::string Metrics::Serialize() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace sluice
