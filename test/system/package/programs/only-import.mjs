import 'chrony-wasm';
import 'chrony-wasm/testing';
