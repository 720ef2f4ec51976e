// The daemon with its REST API, and what is beside it: key file, command line, demo.
#include "app/daemon.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "app/commands.h"
#include "app/key_file.h"
#include "app/rest_client.h"
#include "world.h"

namespace pigeond::app {
namespace {

Daemon::Options options_for(const Folder& folder) {
  Daemon::Options options;
  options.config.whatsapp.url = "ws://127.0.0.1:1/";
  options.config.api.port = 0;
  options.config.store.path = folder.file("p.db");
  return options;
}

TEST(KeyFile, IsMadeOnceAndForTheOwnerOnly) {
  Folder folder;
  SystemRandom random;
  const auto file = key_file_of(folder.file("p.db"));
  EXPECT_EQ(file, folder.file("api.key"));
  EXPECT_EQ(read_key_file(file).cause(), Cause::not_found);
  bool made = false;
  const auto key = read_or_make_key_file(file, random, made);
  ASSERT_TRUE(key);
  EXPECT_TRUE(made);
  EXPECT_EQ(key->size(), 32u);
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto again = read_or_make_key_file(file, random, made);
  ASSERT_TRUE(again);
  EXPECT_FALSE(made);
  EXPECT_EQ(*again, *key);
}

TEST(KeyFile, RefusesWhatIsNoKey) {
  Folder folder;
  for (const char* content : {"", "\n", "short\n", "has a space in it\n"}) {
    std::ofstream(folder.file("api.key")) << content;
    EXPECT_EQ(read_key_file(folder.file("api.key")).cause(), Cause::bad_input) << content;
  }
}

TEST(Daemon, AnswersWithItsKeyUntilItIsStoppedAndChangesItOnReload) {
  Folder folder;
  auto daemon = Daemon::open(options_for(folder));
  ASSERT_TRUE(daemon) << daemon.error().detail;
  std::thread loop([&] { (*daemon)->run(); });
  const auto url = (*daemon)->base_url();
  const std::string first = (*daemon)->key();
  ASSERT_TRUE(RestClient(url, first, "x").get("/api/sessions"));
  EXPECT_EQ(RestClient(url, "wrong-key", "its file").get("/api/sessions").error().code, 401);

  Config fresh;
  fresh.api.key = "another-key";
  (*daemon)->reload(fresh);
  EXPECT_EQ(RestClient(url, first, "x").get("/api/sessions").error().code, 401);
  EXPECT_TRUE(RestClient(url, "another-key", "x").get("/api/sessions"));
  (*daemon)->stop();
  loop.join();
  EXPECT_EQ(RestClient(url, "another-key", "x").get("/api/sessions").cause(), Cause::link_lost);
}

TEST(Daemon, KeepsSessionsThatAreNotStarted) {
  Folder folder;
  auto options = options_for(folder);
  auto daemon = Daemon::open(std::move(options));
  ASSERT_TRUE(daemon);
  std::thread loop([&] { (*daemon)->run(); });
  const RestClient rest((*daemon)->base_url(), (*daemon)->key(), "x");
  ASSERT_TRUE(rest.post("/api/sessions", {{"name", "a"}, {"start", false}}));
  EXPECT_EQ(rest.post("/api/sessions", {{"name", "a"}}).error().code, 422);
  const auto sessions = rest.get("/api/sessions");
  ASSERT_TRUE(sessions);
  EXPECT_EQ((*sessions)[0]["status"], "STOPPED");
  (*daemon)->stop();
  loop.join();
}

TEST(Daemon, TellsThatItsStoreIsInUse) {
  Folder folder;
  const auto first = Daemon::open(options_for(folder));
  ASSERT_TRUE(first);
  const auto second = Daemon::open(options_for(folder));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find("p.db"), std::string::npos) << second.error().detail;
}

TEST(Daemon, SharesItsPortWithNobody) {
  Folder folder, other;
  const auto first = Daemon::open(options_for(folder));
  ASSERT_TRUE(first);
  auto options = options_for(other);
  const auto url = (*first)->base_url();
  options.config.api.port = std::stoi(url.substr(url.rfind(':') + 1));
  const auto second = Daemon::open(std::move(options));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find(url.substr(url.find("//") + 2)), std::string::npos)
      << second.error().detail;
}

TEST(LocalUrl, ReachesServersThatListenEverywhere) {
  EXPECT_EQ(local_url("127.0.0.1", 3000), "http://127.0.0.1:3000");
  EXPECT_EQ(local_url("0.0.0.0", 1), "http://127.0.0.1:1");
  EXPECT_EQ(local_url("::", 1), "http://[::1]:1");
  EXPECT_EQ(local_url("::1", 1), "http://[::1]:1");
}

TEST(Commands, EndWithTwoForACommandLineThatCanNotWork) {
  EXPECT_EQ(run_command({"--nope"}), 2);
  EXPECT_EQ(run_command({"--config", "/nowhere/pigeond.ini"}), 2);
  EXPECT_EQ(sandbox_command({"--wss-port", "0"}), 2);
  EXPECT_EQ(demo_command({"--api-port", "x"}), 2);
  EXPECT_EQ(version_command({}), 0);
}

TEST(Commands, EndWithOneForWhatMayHealAndTwoForWhatOnlyAPersonChanges) {
  EXPECT_EQ(report(fail(Cause::io, "listen on 10.0.0.1:3000", EADDRNOTAVAIL)), 1);
  EXPECT_EQ(report(fail(Cause::io, "listen on 127.0.0.1:3000", EADDRINUSE)), 1);
  EXPECT_EQ(report(fail(Cause::io, "listen on 127.0.0.1:80", EACCES)), 2);
  EXPECT_EQ(report(fail(Cause::bad_input, "[api] port")), 2);
}

TEST(Demo, LinksAnAccountSendsATextAndHearsTheAnswer) {
  EXPECT_EQ(demo_command({"--api-port", "0", "--ws-port", "0", "--control-port", "0", "--once"}), 0);
}

}  // namespace
}  // namespace pigeond::app
