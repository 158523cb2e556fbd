export { identityLines, identityOf, leaveIdentity } from './box-identity.ts';
export { ClaimDesk, type ClaimTools } from './claim-desk.ts';
export { LoneLines } from './lone-lines.ts';
export { noTrunk } from './no-trunk.ts';
