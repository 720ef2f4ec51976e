#include "engine/messages/out/jobs.h"

#include <algorithm>
#include <utility>

#include "engine/messages/out/send_causes.h"

namespace pigeond::engine {

void Jobs::load() {
  if (loaded_) return;
  loaded_ = true;
  for (auto& row : desk_.outbox.all()) {
    Job job;
    job.seq = row.seq;
    job.id = row.id;
    job.chat = row.chat;
    job.phash = row.phash;
    job.attempts = row.attempts;
    job.renewals = row.renewals;
    job.troubled = !row.cause.empty();
    if (job.troubled) job.trouble = trouble_named(row.cause, row.code);
    job.encrypted = row.encrypted;
    job.distrust = row.distrust;
    job.form = row.form;
    job.accepted = row.created / kSecond;
    job.maybe_sent = job.in_doubt = row.written;
    job.hands_out = row.encrypted && row.chat.is_group();
    job.expires = row.expires;
    job.untold = row.untold;
    add(std::move(job));
  }
}

void Jobs::clear() {
  jobs_.clear();
  by_id_.clear();
  lines_.clear();
  expiries_.clear();
  loaded_ = false;
}

// Messages may wait under the number when its LID gets known: later ones stay behind them.
std::string Jobs::queue_of(const wire::Jid& chat) {
  std::string by_number = desk_.lids.shown(chat).text();
  return lines_.contains(by_number) ? by_number : desk_.lids.canonical(chat).text();
}

Job& Jobs::add(Job job) {
  job.queue = queue_of(job.chat);
  by_id_[job.id] = job.seq;
  if (!job.encrypted) lines_[job.queue].push_back(job.seq);
  if (job.expires != 0 && !job.maybe_sent) expiries_.emplace(job.expires, job.seq);
  return jobs_.emplace(job.seq, std::move(job)).first->second;
}

Job* Jobs::find(std::int64_t seq) {
  const auto found = jobs_.find(seq);
  return found == jobs_.end() ? nullptr : &found->second;
}

Job* Jobs::find(const std::string& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : find(found->second);
}

std::optional<Job> Jobs::take(std::int64_t seq) {
  auto found = jobs_.extract(seq);
  if (found.empty()) return std::nullopt;
  by_id_.erase(found.mapped().id);
  expiries_.erase({found.mapped().expires, seq});
  return std::move(found.mapped());
}

std::vector<std::int64_t> Jobs::in_order() const {
  std::vector<std::int64_t> all;
  all.reserve(jobs_.size());
  for (const auto& [seq, job] : jobs_) all.push_back(seq);
  return all;
}

std::vector<std::int64_t> Jobs::expired(Millis wall) const {
  std::vector<std::int64_t> found;
  for (const auto& [at, seq] : expiries_) {
    if (at > wall) break;
    found.push_back(seq);
  }
  return found;
}

std::optional<Millis> Jobs::next_expiry() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

void Jobs::keep(Job& job) {
  job.maybe_sent = true;
  expiries_.erase({job.expires, job.seq});
}

std::vector<std::int64_t> Jobs::readdress(const wire::Jid& from, const wire::Jid& to) {
  std::vector<std::int64_t> moved;
  for (auto& [seq, job] : jobs_) {
    if (!(job.chat == from) || job.encrypted || job.maybe_sent) continue;
    leave_line(job.queue, seq);
    job.chat = to;
    back_in_line(job);
    moved.push_back(seq);
  }
  return moved;
}

bool Jobs::is_first_in_line(const Job& job) const {
  const auto line = lines_.find(job.queue);
  return line != lines_.end() && line->second.front() == job.seq;
}

Job* Jobs::first_in_line(const std::string& queue) {
  const auto line = lines_.find(queue);
  return line == lines_.end() ? nullptr : find(line->second.front());
}

bool Jobs::leave_line(const std::string& queue, std::int64_t seq) {
  const auto line = lines_.find(queue);
  if (line == lines_.end()) return false;
  const bool stood = std::erase(line->second, seq) > 0;
  if (line->second.empty()) lines_.erase(line);
  return stood;
}

void Jobs::back_in_line(Job& job) {
  job.queue = queue_of(job.chat);
  auto& line = lines_[job.queue];
  const auto place = std::lower_bound(line.begin(), line.end(), job.seq);
  if (place == line.end() || *place != job.seq) line.insert(place, job.seq);
}

}  // namespace pigeond::engine
