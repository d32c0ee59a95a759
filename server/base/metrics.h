// The numbers that operators watch, in Prometheus's form. One Metrics a process, made by the
// composition root and handed down; there is no global registry. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "server/base/mutex.h"

namespace sluice {

// The numbers of one database's writer and log.
struct DatabaseMetrics {
  prometheus::Gauge* writer_queue_length;
  prometheus::Histogram* writer_group_size;
  prometheus::Histogram* writer_commit_seconds;
  prometheus::Gauge* wal_bytes;
  prometheus::Gauge* read_leases;
  prometheus::Counter* reads_ended;
};

class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The series of one method, in the names that go-grpc-prometheus made usual. `type` is `unary`,
  // `server_stream` or `bidi_stream`. Looked up once per method at start; the returned series live
  // as long as this object.
  struct Method {
    prometheus::Counter* started;
    prometheus::Histogram* handling_seconds;
    prometheus::Counter* messages_sent;
    // One for each canonical code, 0 to 16.
    prometheus::Counter* handled[17];
  };
  Method MakeMethod(absl::string_view type, absl::string_view service, absl::string_view method);

  // Series with the label `database`, the same ones for the same name: while a file is replaced the
  // old database and the new one may both be there. Removed when each has been forgotten.
  DatabaseMetrics MakeDatabase(absl::string_view database);
  void ForgetDatabase(const DatabaseMetrics& metrics);

  // Everything in the text exposition format.
  std::string Serialize() const;

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& started_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Counter>& messages_sent_;
  prometheus::Family<prometheus::Histogram>& handling_seconds_;
  prometheus::Family<prometheus::Gauge>& writer_queue_length_;
  prometheus::Family<prometheus::Histogram>& writer_group_size_;
  prometheus::Family<prometheus::Histogram>& writer_commit_seconds_;
  prometheus::Family<prometheus::Gauge>& wal_bytes_;
  prometheus::Family<prometheus::Gauge>& read_leases_;
  prometheus::Family<prometheus::Counter>& reads_ended_;
  Mutex mutex_;
  // By a database's first series.
  absl::flat_hash_map<const prometheus::Gauge*, int> database_users_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice
