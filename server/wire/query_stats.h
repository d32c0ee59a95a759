// What a statement cost, as a message.
#pragma once

#include "server/engine/query.h"
#include "server/wire/buffer.h"
#include "server/wire/proto_writer.h"
#include "sluice/v1/query.pb.h"

namespace sluice::wire {

inline void PutQueryStats(Buffer& out, int field, const engine::QueryStats& stats) {
  v1::QueryStats message;
  message.set_row_count(stats.row_count);
  message.set_vm_steps(stats.vm_steps);
  message.set_elapsed_us(absl::ToInt64Microseconds(stats.elapsed));
  PutBytes(out, field, message.SerializeAsString());
}

}  // namespace sluice::wire
