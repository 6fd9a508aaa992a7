console.log(require.resolve('chrony-wasm/libchrony.wasm'));
