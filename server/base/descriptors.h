// File descriptors, which callers' connections and the databases' files share. Thread-safe.
//
// The kernel gives the lowest number that is free, so that a connection's own descriptor tells how
// many there are: one that is not below its door's bound is let go at once, and no door can take
// what another, or a file, needs.
#pragma once

#include <cstddef>

namespace sluice {

// What the process asks for at start; more would only let more connections take memory.
inline constexpr int kDescriptorsMax = 16'384;

// Raises the soft limit as far as the hard one and kDescriptorsMax allow, never lowers it, and
// returns the limit in force.
int RaiseDescriptorLimit();

// The parts of a limit: connections take descriptors below these numbers only, and what is above is
// for files. HTTP counts its connections besides, so that it leaves some to gRPC, which cannot; and
// it has some that gRPC has not. The admin address, which few use, is reached when both are full.
struct DescriptorShares {
  size_t http_connections = 0;
  int http = 0;
  int grpc = 0;
  int admin = 0;
};
DescriptorShares ShareDescriptors(int limit);

}  // namespace sluice
