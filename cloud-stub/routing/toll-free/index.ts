export { decideTollFree } from './decide-toll-free.ts';
export { afterHoursWords } from './prompts.ts';
