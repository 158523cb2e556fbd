#!/usr/bin/env node
// `npx engawa-cloud`: the operator's command, under the pinned Node whatever Node started it.
import { runPinned } from './setup/run-pinned.mjs';

runPinned('cloud-stub/cli/main.ts');
