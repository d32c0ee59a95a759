// Prints five ellipsoids of the EPSG registry and adds a unit of measure.
#include <iostream>

#include "clients/cpp/client.h"

int main() {
  const auto client = sluice::Client::Connect();
  if (!client.ok()) {
    std::cerr << client.status() << '\n';
    return 1;
  }

  auto stream = client->StreamQuery(
      "proj",
      {"SELECT name, semi_major_axis FROM ellipsoid WHERE auth_name = ? ORDER BY code LIMIT 5",
       {"EPSG"}});
  if (!stream.ok()) {
    std::cerr << stream.status() << '\n';
    return 1;
  }
  std::cout.precision(10);
  while (true) {
    const auto row = stream->Next();
    if (!row.ok()) {
      std::cerr << row.status() << '\n';
      return 1;
    }
    if (!row->has_value()) break;
    const auto& values = (*row)->values;
    std::cout << *values[0].text() << ": " << *values[1].real() << " m\n";
  }

  sluice::InsertRequest unit;
  unit.database = "proj";
  unit.table = "unit_of_measure";
  unit.columns = {"auth_name", "code", "name", "type", "conv_factor", "deprecated"};
  unit.rows = {{"MINE", 1, "smoot", "length", 1.7018, 0}};
  const auto inserted = client->InsertRows(unit);
  if (inserted.ok()) {
    std::cout << "inserted " << inserted->keys[0] << '\n';
  } else {
    const auto details = sluice::DetailsOf(inserted.status());
    std::cout << "not inserted: " << details.reason << '\n';
  }
}
