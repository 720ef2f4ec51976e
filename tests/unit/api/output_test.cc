// What a shape writes of a value, and that its schema says the same.
#include "api/schema/output.h"

#include <gtest/gtest.h>

namespace pigeond::api::schema {
namespace {

struct Pigeon {
  std::string name;
  std::optional<std::string> ring;
  std::vector<Pigeon> young;
  std::map<std::string, int> races;
  bool gone = false;
};

struct Flight {
  using Of = Pigeon;
  static constexpr const char* kName = "Flight";
  static void describe(Output<Of>& shows) {
    shows("gone", [](const Of& pigeon) { return pigeon.gone; });
  }
};

struct PigeonShape {
  using Of = Pigeon;
  static constexpr const char* kName = "Pigeon";
  static void describe(Output<Of>& shows) {
    shows("name", [](const Of& pigeon) { return pigeon.name; }).help("As its owner calls it.");
    shows("ring", [](const Of& pigeon) { return pigeon.ring; }).or_null();
    shows("owner", [](const Of& pigeon) { return pigeon.ring; });
    shows("races", [](const Of& pigeon) { return pigeon.races; });
    shows.list<PigeonShape>(
        "young", [](const Of& pigeon) -> const auto& { return pigeon.young; });
    shows.object<PigeonShape>(
        "eldest", [](const Of& pigeon) { return pigeon.young.empty() ? nullptr : &pigeon.young.front(); });
    shows.among<Flight>([](const Of& pigeon) { return pigeon.gone ? &pigeon : nullptr; });
  }
};

TEST(Output, WritesMembersInTheirOrder) {
  EXPECT_EQ(json_of<PigeonShape>({"Ada", {}, {}, {}}).dump(),
            R"({"name":"Ada","ring":null,"races":{},"young":[]})");
  EXPECT_EQ(json_of<PigeonShape>({"Ada", "7", {{"Bea", {}, {}, {}}}, {{"sprint", 3}}, true}).dump(),
            R"({"name":"Ada","ring":"7","owner":"7","races":{"sprint":3},)"
            R"("young":[{"name":"Bea","ring":null,"races":{},"young":[]}],)"
            R"("eldest":{"name":"Bea","ring":null,"races":{},"young":[]},"gone":true})");
}

TEST(Output, ItsSchemaTellsWhatIsAlwaysThereAndWhatMayBeNull) {
  Components components;
  members_of<PigeonShape>().schema(components);
  const Json schema = components.json().at("Pigeon");
  EXPECT_EQ(schema.at("required").dump(), R"(["name","ring","races","young"])");
  const Json& properties = schema.at("properties");
  EXPECT_EQ(properties.at("name").dump(), R"({"type":"string","description":"As its owner calls it."})");
  EXPECT_EQ(properties.at("ring").dump(), R"({"type":["string","null"]})");
  EXPECT_EQ(properties.at("races").dump(), R"({"type":"object","additionalProperties":{"type":"integer"}})");
  EXPECT_EQ(properties.at("eldest").dump(), R"({"$ref":"#/components/schemas/Pigeon"})")
      << "it may refer to itself";
  EXPECT_EQ(properties.at("gone").dump(), R"({"type":"boolean"})");
}

}  // namespace
}  // namespace pigeond::api::schema
