#include "app/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "net/address.h"
#include "wire/certificate.h"
#include "world.h"

namespace pigeond::app {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  Result<Config> load(const std::string& text, const std::map<std::string, std::string>& variables = {}) {
    std::ofstream(file) << text;
    return read(file, variables);
  }
  static Result<Config> read(const std::string& path, const std::map<std::string, std::string>& variables) {
    std::vector<std::string> names;
    for (const auto& [name, value] : variables) names.push_back(name);
    return load_config(
        path,
        [&](const std::string& name) -> std::optional<std::string> {
          const auto found = variables.find(name);
          if (found == variables.end()) return std::nullopt;
          return found->second;
        },
        names);
  }

  Folder folder;
  std::string file = folder.file("p.ini");
};

TEST_F(ConfigTest, HasADefaultForEveryKey) {
  const auto config = read("", {});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->whatsapp.url, "wss://web.whatsapp.com/ws/chat");
  EXPECT_EQ(config->profile.root_key, wire::kWhatsAppRootKey);
  EXPECT_EQ(config->api.listen, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(config->api.port, 3000);
  EXPECT_TRUE(config->api.key.empty());
  EXPECT_EQ(config->store.path, "/var/lib/pigeond/pigeond.db");
  EXPECT_EQ(config->log.level, log::Level::info);
}

TEST_F(ConfigTest, ReadsEveryKey) {
  const std::string root(64, 'a');
  const auto config = load(
      "; a comment\n[whatsapp]\nurl = ws://127.0.0.1:4080/ws/chat ; here too\nroot_key = " + root +
      "\nca_file = /ca.pem\nversion = 2.3000.7\nversion_url = http://127.0.0.1/sw.js\ndevice_name = Kitchen\n"
      "[api]\nlisten = ::1, 127.0.0.1\nport = 8080\nkey = abcdefgh\nunix = /run/p.sock\nunix_mode = 0600\n"
      "tls_cert = /c.pem\ntls_key = /k.pem\ncors = https://a.example, http://localhost:5173\n[store]\npath = "
      "x.db\n"
      "backup_hours = 0\nkeep_days = 7\nkeep_messages = 500\nidempotency_keys = 9\n"
      "[log]\nlevel = debug\n");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->whatsapp.url, "ws://127.0.0.1:4080/ws/chat");
  EXPECT_EQ(config->profile.root_key[31], 0xaa);
  EXPECT_EQ(config->whatsapp.ca_file, "/ca.pem");
  EXPECT_EQ(config->profile.version.revision, 7u);
  EXPECT_TRUE(config->whatsapp.version_set);
  EXPECT_EQ(version_url_of(*config), "http://127.0.0.1/sw.js");
  EXPECT_EQ(config->profile.device_name, "Kitchen");
  EXPECT_EQ(config->api.listen, (std::vector<std::string>{"::1", "127.0.0.1"}));
  EXPECT_EQ(config->api.unix_path, "/run/p.sock");
  EXPECT_EQ(config->api.unix_mode, 0600u);
  EXPECT_EQ(config->api.tls_cert, "/c.pem");
  EXPECT_EQ(config->api.tls_key, "/k.pem");
  EXPECT_EQ(config->api.cors, "https://a.example, http://localhost:5173");
  EXPECT_EQ(config->api.port, 8080);
  EXPECT_EQ(config->store.backup_hours, 0);
  EXPECT_EQ(config->store.keep_days, 7);
  EXPECT_EQ(config->store.keep_messages, 500);
  EXPECT_EQ(config->store.idempotency_keys, 9);
  EXPECT_EQ(config->api.key, "abcdefgh");
  EXPECT_EQ(config->store.path, "x.db");
  EXPECT_EQ(config->log.level, log::Level::debug);
}

TEST_F(ConfigTest, LetsTheEnvironmentOverrideTheFile) {
  const auto config = load("[api]\nport = 1\n", {{"PIGEOND_API_PORT", "2"},
                                                 {"PIGEOND_STORE_PATH", "/x/y.db"},
                                                 {"PIGEOND_WHATSAPP_DEVICE_NAME", "Attic"},
                                                 {"PIGEOND_DISTFILES", "not ours"}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->api.port, 2);
  EXPECT_EQ(config->store.path, "/x/y.db");
  EXPECT_EQ(config->profile.device_name, "Attic");
}

TEST_F(ConfigTest, ShipsAFileThatSaysWhatTheDefaultsAre) {
  const auto shipped = read(PIGEOND_TEST_DATA "/../../etc/pigeond.ini", {});
  ASSERT_TRUE(shipped) << shipped.error().detail;
  const auto defaults = read("", {});
  EXPECT_EQ(shipped->whatsapp.url, defaults->whatsapp.url);
  EXPECT_EQ(shipped->profile.version.revision, defaults->profile.version.revision);
  EXPECT_EQ(shipped->profile.device_name, defaults->profile.device_name);
  EXPECT_EQ(shipped->api.listen, defaults->api.listen);
  EXPECT_EQ(shipped->api.port, defaults->api.port);
  EXPECT_EQ(shipped->api.unix_mode, defaults->api.unix_mode);
  EXPECT_EQ(shipped->store.backup_hours, defaults->store.backup_hours);
  EXPECT_EQ(shipped->store.keep_days, defaults->store.keep_days);
  EXPECT_EQ(shipped->store.keep_messages, defaults->store.keep_messages);
  EXPECT_EQ(shipped->store.idempotency_keys, defaults->store.idempotency_keys);
  EXPECT_EQ(shipped->store.path, defaults->store.path);
  EXPECT_EQ(shipped->log.level, defaults->log.level);
  for (const char* ip : {"10.0.0.1", "127.0.0.1", "fd00::1", "fec0::1", "64:ff9b:1::1", "100::1"})
    for (const auto* one : {&*shipped, &*defaults})
      EXPECT_FALSE(one->previews.networks.check(*net::parse_ip(ip, 80))) << ip;
}

TEST_F(ConfigTest, LooksTheClientsVersionUpAtWhatsAppUnlessAnotherServerStandsInForIt) {
  EXPECT_EQ(version_url_of(*read("", {})), "https://web.whatsapp.com/sw.js");
  EXPECT_FALSE(read("", {})->whatsapp.version_set);
  EXPECT_EQ(version_url_of(*load("[whatsapp]\nversion_url =\n")), "");
  EXPECT_EQ(version_url_of(*load("[whatsapp]\nurl = ws://127.0.0.1:4080/ws/chat\n")), "");
  EXPECT_EQ(
      version_url_of(*load("[whatsapp]\nurl = ws://127.0.0.1:4080/ws/chat\nversion_url = https://a/b\n")),
      "https://a/b");
}

struct Wrong {
  std::string text;
  const char* named;
};

class ConfigRefuses : public ConfigTest, public ::testing::WithParamInterface<Wrong> {};

TEST_P(ConfigRefuses, AndNamesFileAndKey) {
  const auto config = load(GetParam().text);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.cause(), Cause::bad_input);
  const auto prefix = file + ": " + GetParam().named;
  EXPECT_EQ(config.error().detail.substr(0, prefix.size()), prefix) << config.error().detail;
  EXPECT_EQ(config.error().detail.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, ConfigRefuses,
    ::testing::Values(
        Wrong{"[api]\nprot = 1\n", "[api] prot: there is no such key"},
        Wrong{"[apo]\nport = 1\n", "[apo]: there is no such section"},
        Wrong{"port = 1\n", "port: stands before any [section]"},
        Wrong{"[store]\nbackup_hours = -1\n", "[store] backup_hours: "},
        Wrong{"[store]\nkeep_days = 1.5\n", "[store] keep_days: "},
        Wrong{"[store]\nkeep_messages = many\n", "[store] keep_messages: "},
        Wrong{"[api]\nport = http\n", "[api] port: "}, Wrong{"[api]\nport = 65536\n", "[api] port: "},
        Wrong{"[api]\nport = -1\n", "[api] port: "}, Wrong{"[api]\nport =\n", "[api] port: "},
        Wrong{"[api]\nlisten = box.lan\n", "[api] listen: "}, Wrong{"[api]\nkey = short\n", "[api] key: "},
        Wrong{"[api]\nkey = has a space\n", "[api] key: "},
        Wrong{"[api]\nlisten = 127.0.0.1,\n", "[api] listen: "},
        Wrong{"[api]\nunix = relative.sock\n", "[api] unix: "},
        Wrong{"[api]\nunix_mode = 0999\n", "[api] unix_mode: "},
        Wrong{"[api]\nunix_mode = rw\n", "[api] unix_mode: "},
        Wrong{"[api]\ncors = crm.example\n", "[api] cors: crm.example is not an origin"},
        Wrong{"[api]\ncors = https://crm.example/path\n", "[api] cors: "},
        Wrong{"[api]\nport = 1\nport = 2\n", "[api] port: is given twice"},
        Wrong{"[api]\nport = 1\n  2\n", "[api] port: must be a number"}, Wrong{"[api]\nport\n", "line 2: "},
        Wrong{"[log]\nlevel = info\n[api\n", "line 3: "},
        Wrong{"[log]\nlevel = info ; " + std::string(200, 'x') + "\n", "line 2: is longer than 198 bytes"},
        Wrong{"[whatsapp]\nurl = https://web.whatsapp.com/\n", "[whatsapp] url: "},
        Wrong{"[whatsapp]\nurl = nonsense\n", "[whatsapp] url: "},
        Wrong{"[whatsapp]\nroot_key = 00\n", "[whatsapp] root_key: "},
        Wrong{"[whatsapp]\nversion = 2.3000\n", "[whatsapp] version: "},
        Wrong{"[whatsapp]\nversion = 2.3000.99999999999\n", "[whatsapp] version: "},
        Wrong{"[whatsapp]\ndevice_name =\n", "[whatsapp] device_name: "},
        Wrong{"[store]\npath =\n", "[store] path: "}, Wrong{"[log]\nlevel = loud\n", "[log] level: "}));

TEST_F(ConfigTest, ReadsAValueThatGoesOnInIndentedLines) {
  const auto config = load(
      "[webhooks]\nallow_networks = 10.0.0.0/8,\n  ; those of the office\n  192.0.2.0/24,\n\t2001:db8::/32\n"
      "[api]\nport = 1\n");
  ASSERT_TRUE(config) << config.error().detail;
  const auto network_of = [&](const char* ip) {
    return config->webhooks.networks.allow.find(*net::parse_ip(ip, 0));
  };
  EXPECT_EQ(network_of("10.1.2.3"), "10.0.0.0/8");
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.0/24");
  EXPECT_EQ(network_of("2001:db8::1"), "2001:db8::/32");
  EXPECT_EQ(config->api.port, 1);
}

TEST_F(ConfigTest, NamesAVariableThatIsWrong) {
  const auto value = read("", {{"PIGEOND_API_PORT", "x"}});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().detail.rfind("PIGEOND_API_PORT: ", 0), 0u);
  const auto name = read("", {{"PIGEOND_API_PROT", "1"}});
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().detail, "PIGEOND_API_PROT: there is no such key");
}

TEST_F(ConfigTest, WantsCertificateAndKeyTogether) {
  EXPECT_NE(load("[api]\ntls_cert = /c.pem\n").error().detail.find("[api] tls_key: "), std::string::npos);
  EXPECT_NE(load("[api]\ntls_key = /k.pem\n").error().detail.find("[api] tls_cert: "), std::string::npos);
}

TEST_F(ConfigTest, NamesAFileThatIsNotThere) {
  const auto config = read(folder.file("none.ini"), {});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.cause(), Cause::bad_input);
  EXPECT_EQ(config.error().detail.rfind(folder.file("none.ini") + ": ", 0), 0u);
}

TEST_F(ConfigTest, ChecksFilesBeforeAnythingIsOpened) {
  Config config;
  config.store.path = folder.file("p.db");
  EXPECT_TRUE(check_files(config));
  config.whatsapp.ca_file = folder.file("none.pem");
  EXPECT_NE(check_files(config).error().detail.find("[whatsapp] ca_file: "), std::string::npos);
  config.whatsapp.ca_file.clear();
  config.api.tls_key = folder.file("none.pem");
  EXPECT_NE(check_files(config).error().detail.find("[api] tls_key: "), std::string::npos);
  config.api.tls_key.clear();
  config.store.path = folder.file("none/p.db");
  EXPECT_NE(check_files(config).error().detail.find("[store] path: "), std::string::npos);
  config.store.path = folder.file("");
  EXPECT_FALSE(check_files(config));
}

TEST_F(ConfigTest, TellsWhatMayStillComeFromWhatCanNotWork) {
  Config config;
  config.store.path = folder.file("mounted-later/p.db");
  EXPECT_EQ(check_files(config).cause(), Cause::io);
  config.store.path = folder.file("p.db");
  config.whatsapp.ca_file = folder.file("mounted-later/ca.pem");
  EXPECT_EQ(check_files(config).cause(), Cause::io);
  config.whatsapp.ca_file.clear();
  config.store.path = "/dev/null";  // its key would be made in /dev
  EXPECT_EQ(check_files(config).cause(), Cause::bad_input);
  config.store.path = "/dev/null/p.db";
  EXPECT_EQ(check_files(config).cause(), Cause::bad_input);
}

}  // namespace
}  // namespace pigeond::app
