/** Folders in which facts stand; a row names one of them and the table finds the file. */
export const CATALOGUE = 'cloud-stub/catalogue/';
export const CONTRACTS = 'cloud-stub/contracts/';
export const NUMBERING = 'cloud-stub/numbering/';
export const ROUTING = 'cloud-stub/routing/';
export const RATING = 'cloud-stub/rating/';
export const BILLING = 'cloud-stub/billing/';
export const SWITCH = 'cloud-stub/switch/';
export const NOTICES = 'cloud-stub/notices/';
