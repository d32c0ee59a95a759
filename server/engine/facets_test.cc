#include "server/engine/facets.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/browse.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

std::string TextOf(const Facet& facet) {
  return absl::StrCat(
      facet.name, facet.timed_out ? "!" : "", facet.truncated ? "+" : "", ":",
      absl::StrJoin(facet.values, ";", [](std::string* out, const FacetValue& value) {
        absl::StrAppend(out, engine::TextOf(value.value.view()), "*", value.count);
        if (!value.label.view().is_null()) {
          absl::StrAppend(out, "=", engine::TextOf(value.label.view()));
        }
      }));
}

constexpr char kPlaces[] =
    "CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT);\n"
    "INSERT INTO city VALUES (1,'Ulm'),(2,'Bonn');\n"
    "CREATE TABLE place(id INTEGER PRIMARY KEY, kind TEXT COLLATE NOCASE, city REFERENCES city, "
    "tags TEXT, made TEXT, any_, \"date(x)\");\n"
    "PRAGMA foreign_keys = OFF;\n"
    "INSERT INTO place VALUES\n"
    "(1,'bar',1,'[\"a\",\"b\",\"a\"]','2024-05-01T10:00',1,1),\n"
    "(2,'BAR',1,'[\"a\"]','2024-05-01',1.0,1),\n"
    "(3,'pub',2,'[]','2024-05-02','1',2),\n"
    "(4,'bar ',9,'nothing','no date',x'31',2),\n"
    "(5,NULL,NULL,NULL,NULL,2.5,2),\n"
    "(6,'pub',2,'[\"b\",5]','2024-05-02',2.5,NULL);\n"
    "CREATE VIEW kinds AS SELECT kind, tags FROM place WHERE id < 4";

class FacetsTest : public testing::Test {
 protected:
  absl::StatusOr<PageOutcome> Page(const PageSpec& spec) {
    CollectingSink sink;
    return ListRows(*database_, spec, Interrupt(), sink);
  }

  PageSpec Spec(absl::string_view table, std::vector<std::string> facets) {
    PageSpec spec{.rows = {}, .rows_max = 1, .bytes_max = 1'000};
    spec.rows.table = table;
    spec.facets = std::move(facets);
    spec.facet_size = 30;
    return spec;
  }

  std::string Facets(const PageSpec& spec) {
    const auto page = Page(spec);
    if (!page.ok()) return std::string(page.status().message());
    return absl::StrJoin(page->facets, " ", [](std::string* out, const Facet& facet) {
      absl::StrAppend(out, TextOf(facet));
    });
  }

  const ServedDatabase database_{kPlaces};
};

TEST_F(FacetsTest, CountsValuesMostFrequentFirst) {
  EXPECT_EQ(Facets(Spec("place", {"kind"})), "kind:'bar'*2;'pub'*2;'bar '*1");
  EXPECT_EQ(Facets(Spec("place", {"KIND", "id"})).substr(0, 20), "KIND:'bar'*2;'pub'*2");
  // 1 and 1.0 are equal, '1' and x'31' are others; NULL is not counted.
  EXPECT_EQ(Facets(Spec("place", {"any_"})), "any_:1*2;2.5000000000000000*2;'1'*1;x'31'*1");
}

TEST_F(FacetsTest, LabelsForeignKeys) {
  EXPECT_EQ(Facets(Spec("place", {"city"})), "city:1*2='Ulm';2*2='Bonn';9*1");
}

TEST_F(FacetsTest, CountsElementsOnceForEachRow) {
  EXPECT_EQ(Facets(Spec("place", {"array(tags)"})), "array(tags):'a'*2;'b'*2;5*1");
}

TEST_F(FacetsTest, CountsDates) {
  EXPECT_EQ(Facets(Spec("place", {"date(made)"})), "date(made):'2024-05-01'*2;'2024-05-02'*2");
  // A column that is called so is meant first.
  EXPECT_EQ(Facets(Spec("place", {"date(x)"})), "date(x):2*3;1*2");
}

TEST_F(FacetsTest, CountsOnlyWhatTheFilterLeaves) {
  PageSpec spec = Spec("place", {"kind", "array(tags)"});
  Filter& filter = spec.rows.filter.emplace();
  filter.kind = Filter::Kind::kCompare;
  filter.comparison = Filter::Comparison::kLess;
  filter.column = "id";
  filter.values.emplace_back(sqlite::ValueView::Integer(3));
  EXPECT_EQ(Facets(spec), "kind:'bar'*2 array(tags):'a'*2;'b'*1");
}

TEST_F(FacetsTest, CountsOverViews) {
  EXPECT_EQ(Facets(Spec("kinds", {"kind", "array(tags)"})),
            "kind:'BAR'*1;'bar'*1;'pub'*1 array(tags):'a'*2;'b'*1");
}

TEST_F(FacetsTest, SaysWhenThereAreMore) {
  PageSpec spec = Spec("place", {"kind"});
  spec.facet_size = 2;
  EXPECT_EQ(Facets(spec), "kind+:'bar'*2;'pub'*2");
  spec.facet_size = 3;
  EXPECT_EQ(Facets(spec), "kind:'bar'*2;'pub'*2;'bar '*1");
}

TEST_F(FacetsTest, CountsMoreValuesThanItKeeps) {
  const auto rows = static_cast<int64_t>(limits::kFacetValuesMax) + 10;
  database_.file.Run(absl::StrCat(
      "CREATE TABLE much(v);\nINSERT INTO much WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
      "i + 1 FROM n LIMIT ",
      rows, ") SELECT i FROM n;\nINSERT INTO much VALUES (7), (NULL)"));
  PageSpec spec = Spec("much", {"v"});
  spec.facet_size = 2;
  EXPECT_EQ(Facets(spec), "v+:7*2;1*1");
}

TEST_F(FacetsTest, TimesOutWithoutFailing) {
  database_.file.Run(
      "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
      "1000000000) SELECT i FROM n WHERE i = 1");
  CollectingSink sink;
  ASSERT_TRUE(database_->Acquire(Interrupt()).ok());
  auto lease = database_->Acquire(Interrupt());
  const auto schema = database_->CurrentSchema(**lease);
  RowsSpec rows;
  rows.table = "endless";
  const Interrupt soon(Deadline::After(absl::Milliseconds(200)));
  const auto facets =
      CountFacets(**lease, **schema, *(*schema)->Find("endless"), rows, {"i"}, 30, soon);
  ASSERT_TRUE(facets.ok()) << facets.status();
  EXPECT_EQ(TextOf((*facets)[0]), "i!:");
  const auto count =
      CountRows(**lease, **schema, *(*schema)->Find("endless"), rows, CountMode::kExact,
                Interrupt(Deadline::After(absl::Milliseconds(200))));
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(count->kind, RowCount::Kind::kTimedOut);
  const auto suggested = SuggestFacets(**lease, **schema, *(*schema)->Find("endless"), rows, 30,
                                       Interrupt(Deadline::After(absl::Milliseconds(200))));
  ASSERT_TRUE(suggested.ok()) << suggested.status();
  EXPECT_TRUE(suggested->empty());
}

TEST_F(FacetsTest, RefusesAFacetThatComesTwice) {
  EXPECT_EQ(ReasonOf(Page(Spec("place", {"kind", "kind"})).status()), reason::kBadRequest);
}

TEST_F(FacetsTest, RefusesALabelThatComesTwice) {
  PageSpec spec = Spec("place", {});
  spec.rows.labels = {"city"};
  EXPECT_TRUE(Page(spec).ok());
  spec.rows.labels = {"city", "CITY"};
  EXPECT_EQ(ReasonOf(Page(spec).status()), reason::kBadRequest);
}

TEST_F(FacetsTest, RefusesWhatIsNotThere) {
  for (const char* name : {"nosuch", "array(nosuch)", "date(nosuch)", "max(id)", ""}) {
    EXPECT_EQ(ReasonOf(Page(Spec("place", {name})).status()), reason::kBadRequest) << name;
  }
}

TEST_F(FacetsTest, SuggestsFacets) {
  PageSpec spec = Spec("place", {});
  spec.suggest_facets = true;
  spec.facet_size = 4;
  const auto page = Page(spec);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(absl::StrJoin(page->suggested_facets, " "), "kind city made date(made) any_ date(x)");
  database_.file.Run(
      "CREATE TABLE tagged(id INTEGER PRIMARY KEY, tags, mixed, one, empty);\n"
      "INSERT INTO tagged VALUES (1,'[\"a\"]','[1]',1,NULL),(2,'[\"b\",\"c\"]','[\"a\"]',1,NULL),"
      "(3,NULL,NULL,1,''),(4,'','',1,NULL)");
  spec = Spec("tagged", {});
  spec.suggest_facets = true;
  EXPECT_EQ(absl::StrJoin(Page(spec)->suggested_facets, " "), "array(tags)");
}

TEST_F(FacetsTest, CountsRows) {
  PageSpec spec = Spec("place", {});
  EXPECT_FALSE(Page(spec)->count.has_value());
  spec.count = CountMode::kExact;
  EXPECT_EQ(Page(spec)->count->value, 6);
  database_.file.Run(absl::StrCat(
      "CREATE TABLE many(v);\nINSERT INTO many WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
      "i + 1 FROM n LIMIT ",
      limits::kCountRowsMax + 1, ") SELECT i FROM n"));
  spec = Spec("many", {});
  spec.count = CountMode::kCapped;
  EXPECT_EQ(Page(spec)->count->kind, RowCount::Kind::kCapped);
  EXPECT_EQ(Page(spec)->count->value, limits::kCountRowsMax);
  spec.count = CountMode::kExact;
  EXPECT_EQ(Page(spec)->count->kind, RowCount::Kind::kExact);
  EXPECT_EQ(Page(spec)->count->value, limits::kCountRowsMax + 1);
}

}  // namespace
}  // namespace sluice::engine
