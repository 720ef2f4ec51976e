// Contacts: is a number on WhatsApp, and what do people show of themselves?
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/ids.h"
#include "api/waha/operations.h"
#include "engine/questions/about.h"
#include "engine/questions/number.h"
#include "engine/questions/picture.h"

namespace pigeond::api::waha {
namespace {

constexpr const char* kTag = "Contacts";

constexpr std::size_t kPhones = 500;  // of one call
constexpr const char* kRemembered =
    "Asks WhatsApp also where its last answer is remembered: for an hour that a number is there, for a "
    "minute "
    "that it is not.";

struct CheckNumber {
  std::string session = "default";
  std::string phone;
  bool refresh = false;
  static constexpr const char* kName = "CheckNumber";
  static void describe(schema::Input<CheckNumber>& is) {
    is.session(&CheckNumber::session, kSession);
    is("phone", &CheckNumber::phone, kPhone).required();
    is("refresh", &CheckNumber::refresh).help(kRemembered);
  }
};

struct CheckNumbers {
  std::string session = "default";
  std::vector<std::string> phones;
  bool refresh = false;
  static constexpr const char* kName = "CheckNumbers";
  static void describe(schema::Input<CheckNumbers>& is) {
    is.session(&CheckNumbers::session, kSession);
    is("phones", &CheckNumbers::phones, kPhone)
        .required()
        .at_most(kPhones)
        .help("WhatsApp is asked once for all of them.");
    is("refresh", &CheckNumbers::refresh).help(kRemembered);
  }
};

struct NumberShape {
  using Of = engine::Number;
  static constexpr const char* kName = "WANumberExistResult";
  static void describe(schema::Output<Of>& shows) {
    shows("numberExists", [](const Of& number) { return number.exists; });
    shows("chatId", [](const Of& number) { return schema::text_if(chat_id(number.pn, number.lid, {})); });
    shows("pn",
          [](const Of& number) { return number.exists ? std::optional(chat_id(number.pn)) : std::nullopt; });
    shows("lid", [](const Of& number) { return schema::text_if(chat_id(number.lid)); });
  }
};

struct Checked {
  std::string phone;
  engine::Number number;
};
struct CheckedShape {
  using Of = Checked;
  static constexpr const char* kName = "WANumberExistResultOfMany";
  static void describe(schema::Output<Of>& shows) {
    shows("phone", [](const Of& checked) { return checked.phone; }).help("As it was asked for, as digits.");
    shows.among<NumberShape>([](const Of& checked) { return &checked.number; });
  }
};

Result<std::vector<engine::Number>> look_up(const Call& call, const std::string& session,
                                            const std::vector<std::string>& phones, bool anew) {
  return call.gateway.ask<std::vector<engine::Number>>(session,
                                                       [phones, anew](engine::Desk& desk, auto answered) {
                                                         ask_numbers(desk, phones, anew, std::move(answered));
                                                       });
}

net::HttpReply check_exists(const Call& call, const CheckNumber& in) {
  const auto numbers = look_up(call, in.session, {in.phone}, in.refresh);
  if (!numbers) return session_failure(call.gateway, in.session, numbers.error(), "WORKING");
  return reply<NumberShape>(200, numbers->front());
}

net::HttpReply check_many(const Call& call, const CheckNumbers& in) {
  if (in.phones.empty()) return failure_reply(fail(Cause::bad_input, "phones must not be empty"));
  const auto numbers = look_up(call, in.session, in.phones, in.refresh);
  if (!numbers) return session_failure(call.gateway, in.session, numbers.error(), "WORKING");
  std::vector<Checked> all;
  for (std::size_t i = 0; i < in.phones.size(); ++i) all.push_back({in.phones[i], (*numbers)[i]});
  return json_reply(200, schema::list_of<CheckedShape>(all));
}

// Whose about or picture is asked for.
struct OfContact {
  std::string session = "default";
  wire::Jid contact;
  static constexpr const char* kName = "OfContact";
  static void describe(schema::Input<OfContact>& is) {
    is.session(&OfContact::session, kSession);
    is("contactId", &OfContact::contact, kUserId).required();
  }
};

struct AboutShape {
  using Of = engine::About;
  static constexpr const char* kName = "ContactAbout";
  static void describe(schema::Output<Of>& shows) {
    shows("about", [](const Of& about) { return about.text; })
        .or_null()
        .help("null: nothing, or it is hidden.");
  }
};

net::HttpReply show_about(const Call& call, const OfContact& in) {
  const auto about =
      call.gateway.ask<engine::About>(in.session, [contact = in.contact](engine::Desk& desk, auto answered) {
        ask_about(desk, contact, std::move(answered));
      });
  if (!about) return session_failure(call.gateway, in.session, about.error(), "WORKING");
  return reply<AboutShape>(200, *about);
}

struct OfAnybody : OfContact {
  bool refresh = false;
  static constexpr const char* kName = "OfAnybody";
  static void describe(schema::Input<OfAnybody>& is) {
    is.session(&OfAnybody::session, kSession);
    is("contactId", &OfAnybody::contact, kChatId).required();
    is("refresh", &OfAnybody::refresh).help("WhatsApp is asked each time; taken for WAHA's clients.");
  }
};

struct PictureShape {
  using Of = engine::Picture;
  static constexpr const char* kName = "ContactProfilePicture";
  static void describe(schema::Output<Of>& shows) {
    shows("profilePictureURL", [](const Of& picture) { return schema::text_if(picture.url); })
        .or_null()
        .help("null: there is none, or it is hidden.");
  }
};

// A dashboard asks for the same picture from several places at once.
net::HttpReply show_picture(const Call& call, const OfAnybody& in) {
  const auto picture = call.gateway.ask_once<engine::Picture>(
      in.session, in.contact.text(), [contact = in.contact](engine::Desk& desk, auto answered) {
        ask_picture(desk, contact, std::move(answered));
      });
  if (!picture) return session_failure(call.gateway, in.session, picture.error(), "WORKING");
  return reply<PictureShape>(200, *picture);
}

}  // namespace

Operations contact_operations() {
  auto check = operation<CheckNumber>({"GET", "/api/contacts/check-exists", "checkNumber", kTag, Scope::read,
                                       Whose::one, "Is a number on WhatsApp?"},
                                      check_exists)
                   .gives(200, "What WhatsApp says.", json<NumberShape>())
                   .fails({422, 429, 502, 504});
  return {check, check.also("/api/checkNumberStatus", "checkNumberStatus").is_deprecated(),
          operation<CheckNumbers>({"POST", "/api/contacts/check-exists", "checkNumbers", kTag, Scope::read,
                                   Whose::one, "Which of these numbers are on WhatsApp?"},
                                  check_many)
              .gives(200, "In the order of the numbers.", json_list<CheckedShape>())
              .fails({422, 429, 502, 504}),
          operation<OfContact>({"GET", "/api/contacts/about", "getAbout", kTag, Scope::read, Whose::one,
                                "What somebody says about himself"},
                               show_about)
              .gives(200, "What WhatsApp says.", json<AboutShape>())
              .fails({422, 429, 502, 504}),
          operation<OfAnybody>({"GET", "/api/contacts/profile-picture", "getProfilePicture", kTag,
                                Scope::read, Whose::one, "The picture of a person or a group"},
                               show_picture)
              .gives(200, "Its address, which is good for some days.", json<PictureShape>())
              .fails({422, 429, 502, 504})};
}

}  // namespace pigeond::api::waha
