#!/usr/bin/env node
import { anyseat } from './anyseat.ts';
import { processTerminal } from './terminal.ts';

/** The operators' command: `anyseat status`, `anyseat --help`. Standard output is written to its end before it exits. */
process.exitCode = await anyseat(process.argv.slice(2), processTerminal());
