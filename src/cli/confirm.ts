import { askOnTerminal } from './ask.js';

/** Whether somebody sits at this process who can be asked. */
export function isAttended(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && !process.env['CI'];
}

/** Asks for the deployed name, which nobody types by accident. @param why what the name is typed for: `to remove it` */
export async function isConfirmed(name: string, why: string): Promise<boolean> {
  return (await askOnTerminal(`type ${name} ${why}: `)) === name;
}
