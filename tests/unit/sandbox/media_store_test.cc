// What is uploaded to the sandbox's media servers, and handed out by them.
#include "sandbox/media/media_store.h"

#include "base/text.h"
#include "crypto/hash.h"
#include "sandbox/media/media_uploads.h"
#include "wire/media_file.h"
#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

const DeviceRef kDevice{"4915110000001", 1};

class SandboxMedia : public SandboxTest {
 protected:
  SandboxMedia() {
    const auto keys = wire::media_keys(random.bytes(wire::kMediaKey), "WhatsApp Image Keys");
    file = wire::seal_media(keys, as_bytes("a picture"));
    auth = service->media().auth().issue(kDevice, now.unix_seconds());
  }

  static std::string token_of(ByteView bytes) { return base64url(ByteView(crypto::sha256(bytes))); }
  static std::string escaped(std::string text) {
    for (std::size_t at = 0; (at = text.find_first_of("/=:", at)) != std::string::npos; at += 3)
      text.replace(at, 1, text[at] == '/' ? "%2F" : text[at] == '=' ? "%3D" : "%3A");
    return text;
  }
  net::HttpRequestHead head(const std::string& path, const std::string& token, std::size_t length,
                            const std::string& more = {}) const {
    return {"POST",
            "/mms/" + path + "/" + token + "?auth=" + escaped(auth) + "&token=" + token + more,
            {{"Content-Length", std::to_string(length)}, {"Origin", "https://web.whatsapp.com"}}};
  }
  MediaReply put(const net::HttpRequestHead& request, ByteView body) {
    auto upload = service->uploads().begin(request);
    if (!upload->at_once)
      for (std::size_t at = 0; at < body.size(); at += 7)
        if (!service->uploads().take(*upload, body.subspan(at, std::min<std::size_t>(7, body.size() - at)))) {
          service->uploads().broken(std::move(upload));
          return {0, {}};
        }
    return service->uploads().finish(*upload);
  }
  MediaReply put(ByteView body, const std::string& more = {}) {
    return put(head("image", token_of(body), body.size(), more), body);
  }
  static std::string path_in(const std::string& json) {
    constexpr std::string_view kName = R"("direct_path":")";
    const std::size_t at = json.find(kName);
    if (at == std::string::npos) return {};
    return json.substr(at + kName.size(), json.find('"', at + kName.size()) - at - kName.size());
  }
  void strike(FaultKind kind, int code = 0, const std::string& way = {}) {
    Fault fault;
    fault.kind = kind;
    fault.count = 1;
    fault.code = code;
    fault.way = way;
    service->add_fault(now, fault);
  }

  Bytes file;
  std::string auth;
};

TEST_F(SandboxMedia, WhatIsUploadedIsHandedOutAsItWas) {
  const auto reply = put(file);
  ASSERT_EQ(reply.status, 200);
  const std::string path = path_in(reply.json);
  EXPECT_TRUE(path.starts_with("/v/t62.7118-24/")) << path;
  EXPECT_NE(reply.json.find(R"("url":"https://mmg.whatsapp.net)" + path), std::string::npos);
  const auto answer = service->media().get(path);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(*answer.body, file);
  EXPECT_EQ(path_in(put(file).json), path);
  EXPECT_TRUE(rules().empty());
}

TEST_F(SandboxMedia, ATokenMayBePadded) {
  EXPECT_EQ(put(head("image", token_of(file) + "%3D", file.size()), file).status, 200);
  EXPECT_TRUE(rules().empty());
}

TEST_F(SandboxMedia, AFileOfAnotherHashIsRefused) {
  const auto request = head("image", token_of(as_bytes("another")), file.size());
  EXPECT_EQ(put(request, file).status, 400);
  EXPECT_TRUE(broke("media-upload"));
  EXPECT_EQ(service->media().size(), 0u);
}

TEST_F(SandboxMedia, AnAuthThatIsOverIsRefusedAndOneThatNobodyWasGivenIsABreach) {
  service->media().auth().expire(kDevice.phone);
  EXPECT_EQ(put(file).status, 401);
  EXPECT_TRUE(rules().empty());
  auth = service->media().auth().issue(kDevice, now.unix_seconds());
  EXPECT_EQ(put(file).status, 200);
  advance((service->media().auth().lifetime + 1) * kSecond);
  EXPECT_EQ(put(file).status, 401);
  EXPECT_TRUE(rules().empty());
  auth = "made up";
  EXPECT_EQ(put(file).status, 401);
  EXPECT_TRUE(broke("media-auth"));
}

TEST_F(SandboxMedia, AnUploadHasALengthAndALimitAndAKind) {
  auto request = head("image", token_of(file), file.size());
  request.headers.erase(request.headers.begin());
  EXPECT_EQ(put(request, {}).status, 411);
  EXPECT_EQ(put(head("pictures", token_of(file), file.size()), file).status, 404);
  service->uploads().most = file.size() - 1;
  const auto upload = service->uploads().begin(head("image", token_of(file), file.size()));
  EXPECT_TRUE(upload->at_once);
  EXPECT_EQ(service->uploads().finish(*upload).status, 413);
}

TEST_F(SandboxMedia, ABrokenUploadIsGoneOnWith) {
  strike(FaultKind::media_cut, 0, "up");
  ASSERT_EQ(put(file).status, 0);
  const std::string token = token_of(file);
  const auto asked = put(head("image", token, 0, "&resume=1"), {});
  const std::size_t half = file.size() - file.size() / 2;
  EXPECT_EQ(asked.json, R"({"resume":")" + std::to_string(half) + R"("})");
  EXPECT_EQ(put(head("image", token, 1, "&file_offset=3"), as_bytes("x")).status, 400);
  EXPECT_TRUE(broke("media-resume"));
  const auto rest = ByteView(file).subspan(half);
  const auto reply = put(head("image", token, rest.size(), "&file_offset=" + std::to_string(half)), rest);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(*service->media().get(path_in(reply.json)).body, file);
  const auto again = put(head("image", token, 0, "&resume=1"), {});
  EXPECT_TRUE(again.json.starts_with(R"({"resume":"complete",)")) << again.json;
  EXPECT_EQ(path_in(again.json), path_in(reply.json));
}

TEST_F(SandboxMedia, ALongFileIsKeptToo) {
  const auto keys = wire::media_keys(random.bytes(wire::kMediaKey), "WhatsApp Video Keys");
  const Bytes content = random.bytes(1'000'000);
  const Bytes sealed = wire::seal_media(keys, content);
  auto upload = service->uploads().begin(head("video", token_of(sealed), sealed.size()));
  for (std::size_t at = 0; at < sealed.size(); at += 100'000)
    ASSERT_TRUE(service->uploads().take(
        *upload, ByteView(sealed).subspan(at, std::min<std::size_t>(100'000, sealed.size() - at))));
  const auto reply = service->uploads().finish(*upload);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(*service->media().get(path_in(reply.json)).body, sealed);
}

TEST_F(SandboxMedia, FaultsStrikeUploads) {
  for (const int code : {500, 503, 507}) {
    strike(FaultKind::media_refused, code);
    EXPECT_EQ(put(file).status, code);
  }
  strike(FaultKind::media_auth);
  EXPECT_EQ(put(file).status, 401);
  EXPECT_EQ(put(file).status, 401);
  auth = service->media().auth().issue(kDevice, now.unix_seconds());
  strike(FaultKind::media_wrong, 0, "up");
  const std::string spoilt = path_in(put(file).json);
  EXPECT_NE(*service->media().get(spoilt).body, file);
  EXPECT_TRUE(service->media().take(spoilt).excused);
  EXPECT_NE(path_in(put(file).json), spoilt);
  EXPECT_TRUE(rules().empty());
}

TEST_F(SandboxMedia, AFileGoesAndItsPathIsGoodForAWhile) {
  const std::string path = path_in(put(file).json);
  const std::string name = path.substr(path.rfind('/') + 1, path.find('?') - path.rfind('/') - 1);
  for (const int status : {403, 404, 410, 200}) {
    ASSERT_TRUE(service->media().set_status(name, status));
    EXPECT_EQ(service->media().get(path).status, status);
  }
  EXPECT_FALSE(service->media().set_status("another", 404));
  strike(FaultKind::media_gone, 410);
  EXPECT_EQ(service->media().get(path).status, 410);
  advance(31LL * 86400 * kSecond);
  EXPECT_EQ(service->media().get(path).status, 403);
}

}  // namespace
}  // namespace pigeond::sandbox
