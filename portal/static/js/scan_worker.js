// Decodes pictures in a thread of its own, so that the page stays quick. It is served with a policy that lets
// it, and no page, compile WebAssembly (portal/web/headers.py), and loads what the page names, from here.
"use strict";

// What is on packages: UDI, retail numbers, cartons, and addresses. Text as it stands in the symbol, with
// U+001D for FNC1.
var OPTIONS = {
  formats: ["DataMatrix", "QRCode", "Code128", "EAN13", "EAN8", "UPCE", "ITF", "DataBar"],
  tryHarder: true,
  tryRotate: true,
  tryInvert: true,
  tryDownscale: true,
  maxNumberOfSymbols: 20,
  textMode: "Plain",
  characterSet: "UTF8"
};

function load(asked) {
  importScripts(asked.decoder);
  return ZXingWASM.prepareZXingModule({
    overrides: { locateFile: function () { return asked.wasm; } },
    fireImmediately: true
  });
}

// One entry for what stands on the package several times.
function told(results) {
  var codes = new Map();
  results.forEach(function (one) {
    if (!one.isValid || !one.text) return;
    var isMatrix = one.symbology === "DataMatrix" || one.symbology === "QRCode";
    var code = { text: one.text, symbology: one.symbologyIdentifier, format: one.format, isMatrix: isMatrix };
    codes.set(code.symbology + code.text, code);
  });
  return Array.from(codes.values());
}

self.onmessage = function (event) {
  var asked = event.data;
  if (asked.decoder) {
    load(asked).then(
      function () { self.postMessage({ isReady: true }); },
      function (error) { self.postMessage({ trouble: String(error) }); }
    );
    return;
  }
  ZXingWASM.readBarcodes(asked.pixels, OPTIONS).then(told, function () { return []; }).then(function (codes) {
    self.postMessage({ number: asked.number, codes: codes });
  });
};
