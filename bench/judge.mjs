// What a bench measured beside what it is to be. With --judge it ends with 1 where that is missed, else it only prints:
// a busy machine is no failure, and who judges chooses his.
const judges = process.argv.includes('--judge');

export function aim(what, value, { most = Infinity, least = -Infinity }) {
  if (!judges || (value <= most && value >= least)) return;  // NaN, of nothing that was measured, is missed too
  console.error(`missed: ${what}: ${Number(value).toFixed(2)}, wanted ${most < Infinity ? `at most ${most}` : `at least ${least}`}`);
  process.exitCode = 1;
}
