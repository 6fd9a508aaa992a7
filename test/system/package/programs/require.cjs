require('./print-reports.cjs')(require('chrony-wasm'), process.argv[2]);
