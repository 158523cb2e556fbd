/** Something in the laboratory that did not happen, in a sentence for the person who reads the report. */
export class LabError extends Error {}
