#include "net/tls/tls_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "unit/net/support.h"

namespace pigeond::net {
namespace {

class TlsFilesTest : public NetTest {
 protected:
  TlsFilesTest() {
    std::string name = (std::filesystem::temp_directory_path() / "pigeond-tls-XXXXXX").string();
    folder = mkdtemp(name.data());
    put("ec.crt", "ec.key");
  }
  ~TlsFilesTest() override { std::filesystem::remove_all(folder); }

  // As who renews does it: a new file takes the old one's place.
  void put(const std::string& chain, const std::string& key) {
    replace(chain, chain_file());
    replace(key, key_file());
  }
  void replace(const std::string& with, const std::string& file) {
    std::filesystem::copy_file(tls_file(with), file + ".new");
    std::filesystem::rename(file + ".new", file);
  }
  std::string chain_file() const { return folder + "/chain.pem"; }
  std::string key_file() const { return folder + "/key.pem"; }

  std::string folder;
  Millis mono = 1000;
};

TEST_F(TlsFilesTest, ARenewedPairIsNoticedBySomebodyWhoConnects) {
  const auto files = std::move(*TlsFiles::load(chain_file(), key_file(), mono));
  const auto first = files->current(mono);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(files->current(mono + 60 * kSecond), first) << "they are what they were";
  put("rsa.crt", "rsa.key");
  EXPECT_EQ(files->current(mono + 61 * kSecond), first) << "it has just looked";
  const auto second = files->current(mono + 75 * kSecond);
  EXPECT_NE(second, first);
  EXPECT_FALSE(files->failure());
  EXPECT_EQ(files->current(mono + 90 * kSecond), second);
}

TEST_F(TlsFilesTest, WhatCanNotBeUsedLeavesTheOldPairAndSaysWhy) {
  const auto files = std::move(*TlsFiles::load(chain_file(), key_file(), mono));
  const auto first = files->current(mono);
  replace("rsa.crt", chain_file());  // half renewed
  EXPECT_EQ(files->current(mono += 20 * kSecond), first);
  ASSERT_TRUE(files->failure());
  EXPECT_NE(files->failure()->detail.find("does not belong"), std::string::npos);
  replace("rsa.key", key_file());
  EXPECT_NE(files->current(mono += 20 * kSecond), first);
  EXPECT_FALSE(files->failure());
  const auto second = files->current(mono);
  std::filesystem::remove(key_file());
  EXPECT_EQ(files->current(mono += 20 * kSecond), second);
  ASSERT_TRUE(files->failure());
  EXPECT_NE(files->failure()->detail.find(key_file()), std::string::npos);
}

TEST_F(TlsFilesTest, AReloadReadsThemAtOnce) {
  const auto files = std::move(*TlsFiles::load(chain_file(), key_file(), mono));
  const auto first = files->current(mono);
  put("rsa.crt", "rsa.key");
  EXPECT_TRUE(files->reload());
  const auto second = files->current(mono);
  EXPECT_NE(second, first);
  std::ofstream(chain_file()) << "nothing";
  EXPECT_EQ(files->reload().cause(), Cause::tls);
  EXPECT_EQ(files->current(mono), second);
  EXPECT_TRUE(files->failure());
}

TEST_F(TlsFilesTest, ABrokenPairIsNoBeginning) {
  EXPECT_EQ(TlsFiles::load(chain_file(), folder + "/missing", mono).cause(), Cause::tls);
}

}  // namespace
}  // namespace pigeond::net
