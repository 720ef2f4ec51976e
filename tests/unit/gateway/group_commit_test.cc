#include "gateway/storage/group_commit.h"

#include <gtest/gtest.h>

namespace pigeond::gateway {
namespace {

TEST(GroupCommit, ASingleCallerNeverWaits) {
  GroupCommit commits;
  commits.committed(1000);
  EXPECT_EQ(commits.due(true, 1), 1000);
}

TEST(GroupCommit, ManyCallersShareACommitUpToALimit) {
  GroupCommit commits;
  commits.committed(1000);
  EXPECT_EQ(commits.due(true, 3), 1002);
  EXPECT_EQ(commits.due(true, 1000), 1000 + GroupCommit::kForCallers);
}

TEST(GroupCommit, CallersWhoWereJustAnsweredAreExpectedBack) {
  GroupCommit commits;
  commits.committed(1000);
  commits.due(true, 3);
  commits.committed(1002);
  EXPECT_EQ(commits.due(true, 1), 1004);
  commits.committed(1004);
  EXPECT_EQ(commits.due(true, 1), 1004) << "they did not come";
}

TEST(GroupCommit, ReceiptsWaitForCompanyButNotLong) {
  GroupCommit commits;
  commits.committed(1000);
  EXPECT_EQ(commits.due(false, 0), 1000 + GroupCommit::kForReceipts);
}

TEST(GroupCommit, OnAQuietMachineNothingWaits) {
  GroupCommit commits;
  EXPECT_LE(commits.due(false, 0), 0);
  EXPECT_LE(commits.due(true, 1000), 0);
}

}  // namespace
}  // namespace pigeond::gateway
