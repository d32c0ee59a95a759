// File descriptors, which callers' connections and the databases' files share. Thread-safe.
//
// The kernel gives the lowest number that is free, so that a connection's own descriptor tells how
// many there are: one that is not below its door's share is let go at once, and no door can take
// what another, or a file, needs.
#pragma once

namespace sluice {

// What the process asks for at start; more would only let more connections take memory.
inline constexpr int kDescriptorsMax = 16'384;

// Raises the soft limit as far as the hard one and kDescriptorsMax allow, never lowers it, and
// returns the limit in force.
int RaiseDescriptorLimit();

// The parts of a limit: connections take descriptors below these numbers only. What is above the
// last is for files; the admin address, which few use, is still reached when the others are full.
struct DescriptorShares {
  int http = 0;
  int grpc = 0;
  int admin = 0;
};
DescriptorShares ShareDescriptors(int limit);

}  // namespace sluice
