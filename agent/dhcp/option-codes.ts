/** DHCP option numbers that the server itself reads or writes (RFC 2132 unless said otherwise). */
export const OPTION = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  dns: 6,
  hostName: 12,
  domainName: 15,
  broadcast: 28,
  ntp: 42,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverId: 54,
  parameterList: 55,
  message: 56,
  maxSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientId: 61,
  tftpServer: 66,
  bootFile: 67,
  /** Relay agent information (RFC 3046). */
  relayInformation: 82,
  /** SIP servers (RFC 3361). */
  sipServers: 120,
  /** Vendor-identifying vendor options (RFC 3925). */
  vendorIdentifying: 125,
  end: 255,
} as const;

/**
 * What a configuration may not set: the server makes these itself, from the lease and the packet. A parameter list may
 * ask for them; they are there or mean nothing.
 */
export const RESERVED_OPTIONS: ReadonlySet<number> = new Set([
  OPTION.pad,
  OPTION.requestedAddress,
  OPTION.leaseTime,
  OPTION.overload,
  OPTION.messageType,
  OPTION.serverId,
  OPTION.parameterList,
  OPTION.maxSize,
  OPTION.renewalTime,
  OPTION.rebindingTime,
  OPTION.vendorClass,
  OPTION.clientId,
  OPTION.relayInformation,
  OPTION.end,
]);
