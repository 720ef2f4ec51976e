// One sandbox, one gateway and an account that is linked to it, for all tests of a file.
import { makeGateway } from './gateway.mjs';
import { makeSandbox } from './world.mjs';

// `accounts`: phone numbers, or [number, what else the sandbox is told of it]; the first is linked as `default`.
export async function linkedWorld(accounts, config = {}) {
  const ends = [];
  const end = async () => { for (const each of ends.reverse()) await each(); };
  const sandbox = await makeSandbox({ after: each => ends.push(each) });
  for (const account of accounts) await sandbox.account(...[account].flat(1));
  const gateway = await makeGateway(sandbox);
  ends.push(() => gateway.stop());
  await gateway.link(sandbox, 'default', [accounts[0]].flat()[0], config);
  return { sandbox, gateway, end };
}
