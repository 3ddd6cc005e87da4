// The camera as a reader of codes: a dialog that any button with data-scan opens (portal.js loads this with
// the first). The decoder runs in a worker; what it read goes to the server as it is, and the server's
// verdict is shown before anything is taken. Nothing leaves the page but the text of the code.
window.portalScanner = (function () {
  "use strict";
  var LONGEST = 1280; // pixels of a frame: finer ones take longer and read no label more
  var OF_PICTURES = [1600, 4096];
  var CODES_MAX = 8;
  var PAUSE_MS = 60;

  var dialog = null; // of this page, from the server
  var target = null; // where the code goes: address, into, press, any
  var turn = 0; // what began in an earlier one is over
  var mode = "idle"; // looking, picture, said
  var stream = null;
  var before = []; // codes of the last frame
  var taken = []; // codes just taken, until they have left the view

  function part(name) { return dialog.querySelector("[data-scanner-" + name + "]"); }
  function say(word) { part("status").textContent = word ? dialog.dataset[word] : ""; }
  function key(code) { return code.symbology + code.text; }

  // -- The decoder ---------------------------------------------------------------------------------

  var loading = null;
  var waiting = new Map();
  var number = 0;

  function decoder() {
    loading = loading || new Promise(function (resolve, reject) {
      var worker = new Worker(dialog.dataset.worker);
      function fail() {
        loading = null;
        worker.terminate();
        waiting.forEach(function (answer) { answer([]); });
        waiting.clear();
        reject(new Error("no decoder"));
      }
      worker.onerror = function (event) { event.preventDefault(); fail(); };
      worker.onmessage = function (event) {
        if (event.data.trouble) return fail();
        if (event.data.isReady) return resolve(worker);
        var answer = waiting.get(event.data.number);
        waiting.delete(event.data.number);
        if (answer) answer(event.data.codes);
      };
      worker.postMessage({ decoder: absolute("decoder"), wasm: absolute("wasm") });
    });
    return loading;
  }

  function absolute(name) { return new URL(dialog.dataset[name], document.baseURI).href; }

  function decode(pixels) {
    return decoder().then(function (worker) {
      return new Promise(function (resolve) {
        number += 1;
        waiting.set(number, resolve);
        worker.postMessage({ number: number, pixels: pixels }, [pixels.data.buffer]);
      });
    });
  }

  // Drawn here and not in the worker, where the browsers within other apps often cannot.
  var canvas = document.createElement("canvas");
  function pixelsOf(source, width, height, longest) {
    var scale = Math.min(1, longest / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    var brush = canvas.getContext("2d", { willReadFrequently: true });
    brush.fillStyle = "#fff"; // behind pictures that are transparent
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(source, 0, 0, canvas.width, canvas.height);
    return brush.getImageData(0, 0, canvas.width, canvas.height);
  }

  // -- The camera ----------------------------------------------------------------------------------

  function video() { return dialog.querySelector("video"); }

  function stop() {
    turn += 1;
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    video().srcObject = null;
    part("view").hidden = true;
    part("torch").hidden = true;
    part("torch").setAttribute("aria-pressed", "false");
  }

  function wanted() {
    var size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    var chosen = localStorage.getItem("scanner-camera");
    var which = chosen ? { deviceId: { ideal: chosen } } : { facingMode: { ideal: "environment" } };
    return { audio: false, video: Object.assign(size, which) };
  }

  function trouble(error) {
    return {
      NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "noCamera",
      OverconstrainedError: "noCamera", NotReadableError: "busy", AbortError: "busy"
    }[error.name] || "failed";
  }

  function start() {
    stop();
    var mine = turn;
    mode = "looking";
    before = [];
    show([]);
    if (!window.isSecureContext) return say("insecure");
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return say("noCamera");
    say("starting");
    navigator.mediaDevices.getUserMedia(wanted()).then(function (given) {
      if (mine !== turn) return given.getTracks().forEach(function (track) { track.stop(); });
      stream = given;
      video().srcObject = given;
      part("view").hidden = false;
      return video().play().then(function () {
        if (mine !== turn) return;
        say(taken.length ? "taken" : "looking");
        offerLight();
        offerCameras();
        look(mine);
      });
    }).catch(function (error) {
      if (mine !== turn) return;
      stop();
      say(trouble(error));
    });
  }

  function look(mine) {
    if (mine !== turn) return;
    var from = video();
    if (!from.videoWidth || from.readyState < 2) return setTimeout(look, PAUSE_MS, mine);
    decode(pixelsOf(from, from.videoWidth, from.videoHeight, LONGEST)).then(function (codes) {
      if (mine !== turn) return;
      var seen = codes.map(key);
      taken = taken.filter(function (one) { return seen.indexOf(one) >= 0; });
      var fresh = codes.filter(function (code) { return taken.indexOf(key(code)) < 0; });
      // A linear code has little to check it by: it counts when two frames agree.
      var settled = fresh.every(function (code) { return code.isMatrix || before.indexOf(key(code)) >= 0; });
      before = seen;
      if (fresh.length && settled) return found(fresh);
      setTimeout(look, PAUSE_MS, mine);
    }, function () {
      if (mine === turn) say("noDecoder");
    });
  }

  function track() { return stream && stream.getVideoTracks()[0]; }

  function offerLight() {
    var able = track().getCapabilities ? track().getCapabilities() : {};
    part("torch").hidden = !able.torch;
    if ((able.focusMode || []).indexOf("continuous") < 0) return;
    track().applyConstraints({ advanced: [{ focusMode: "continuous" }] }).catch(function () {});
  }

  function light() {
    var on = part("torch").getAttribute("aria-pressed") !== "true";
    track().applyConstraints({ advanced: [{ torch: on }] }).then(function () {
      part("torch").setAttribute("aria-pressed", String(on));
    }, function () { part("torch").hidden = true; });
  }

  function offerCameras() {
    navigator.mediaDevices.enumerateDevices().then(function (devices) {
      var cameras = devices.filter(function (device) { return device.kind === "videoinput"; });
      var choice = dialog.querySelector("#scanner-camera");
      part("cameras").hidden = cameras.length < 2;
      choice.replaceChildren.apply(choice, cameras.map(function (camera, place) {
        var label = camera.label || dialog.dataset.cameraLabel + " " + (place + 1);
        var isHere = track() && track().getSettings().deviceId === camera.deviceId;
        return new Option(label, camera.deviceId, isHere, isHere);
      }));
    });
  }

  // -- A picture instead ---------------------------------------------------------------------------

  function readPicture(file) {
    stop();
    var mine = turn;
    mode = "picture";
    show([]);
    say("asking");
    createImageBitmap(file).then(function (picture) {
      return scales(picture, OF_PICTURES).then(function (codes) {
        picture.close();
        if (mine !== turn) return;
        if (codes.length) found(codes); else show([], "nothing");
      }, function () { if (mine === turn) show([], "noDecoder"); });
    }, function () { if (mine === turn) show([], "noPicture"); });
  }

  // The coarsest scale at which there is something to read.
  function scales(picture, sizes) {
    return decode(pixelsOf(picture, picture.width, picture.height, sizes[0])).then(function (codes) {
      var isFinest = sizes.length === 1 || Math.max(picture.width, picture.height) <= sizes[0];
      return codes.length || isFinest ? codes : scales(picture, sizes.slice(1));
    });
  }

  // -- What it says --------------------------------------------------------------------------------

  function found(codes) {
    taken = codes.map(key);
    beep();
    ask(codes.slice(0, CODES_MAX));
  }

  function ask(codes) {
    turn += 1;
    var mine = turn;
    mode = "said";
    part("view").hidden = true;
    say("asking");
    var body = new URLSearchParams();
    codes.forEach(function (code) {
      body.append("data", code.text);
      body.append("symbology", code.symbology);
    });
    var token = JSON.parse(document.body.getAttribute("hx-headers"));
    var headers = Object.assign({ "HX-Request": "true" }, token);
    fetch(target.address, { method: "POST", headers: headers, body: body }).then(function (answer) {
      if (answer.redirected || answer.status === 401 || answer.headers.get("HX-Redirect")) return "signedOut";
      if (!answer.ok) return "noAnswer";
      return answer.text().then(function (said) {
        if (mine === turn) show(Array.from(parsed(said).childNodes));
      });
    }).catch(function () { return "noAnswer"; }).then(function (word) {
      if (word && mine === turn) show([], word);
    });
  }

  function parsed(said) {
    return new DOMParser().parseFromString(said, "text/html").body;
  }

  function show(nodes, word) {
    var said = part("said");
    said.replaceChildren.apply(said, nodes);
    said.querySelectorAll("[data-scan-other]").forEach(function (one) { one.hidden = !target.any; });
    part("again").hidden = !nodes.length && !word;
    say(word);
    if (nodes.length || word) (said.querySelector("button:not([hidden])") || part("again")).focus();
  }

  // A sound and a jolt, where the browser grants them without asking.
  var sounds = null;
  function beep() {
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    if (navigator.vibrate) navigator.vibrate(80);
    var Sounds = window.AudioContext || window.webkitAudioContext;
    if (!Sounds) return;
    sounds = sounds || new Sounds();
    var tone = sounds.createOscillator();
    var volume = sounds.createGain();
    volume.gain.value = 0.1;
    tone.frequency.value = 1760;
    tone.connect(volume).connect(sounds.destination);
    tone.start();
    tone.stop(sounds.currentTime + 0.1);
  }

  // -- Taking it -----------------------------------------------------------------------------------

  function take(text) {
    var field = document.getElementById(target.into);
    if (document.querySelector("form[aria-busy]") || !field) return setTimeout(take, PAUSE_MS, text);
    var lines = field.matches("textarea") && field.value.trim() ? field.value.trimEnd() + "\n" : "";
    field.value = lines + text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    var button = target.press && document.getElementById(target.press);
    var isPart = button && button.closest("form").hasAttribute("hx-post");
    var goesOn = button && dialog.querySelector("#scanner-on").checked;
    if (goesOn && !isPart) sessionStorage.setItem("scanner", target.into);
    if (!goesOn || !isPart) dialog.close();
    if (button) button.click(); else field.focus();
    if (goesOn && isPart) start();
  }

  function listen() {
    dialog.addEventListener("close", function () {
      stop();
      mode = "idle";
      part("said").replaceChildren();
    });
    dialog.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (!button) return;
      if (button === part("again")) start();
      if (button === part("torch")) light();
      if (button.dataset.scannerPick) document.getElementById(button.dataset.scannerPick).click();
      if (button.dataset.scanAsk) ask([{ text: button.dataset.scanAsk, symbology: "" }]);
      if (button.dataset.scanTake) take(button.dataset.scanTake);
    });
    dialog.addEventListener("change", function (event) {
      if (event.target.type === "file" && event.target.files.length) {
        readPicture(event.target.files[0]);
        event.target.value = ""; // so that the same picture may be chosen again
      }
      if (event.target.id === "scanner-on") {
        localStorage.setItem("scanner-on", event.target.checked ? "1" : "");
      }
      if (event.target.id === "scanner-camera") {
        localStorage.setItem("scanner-camera", event.target.value);
        start();
      }
    });
    document.addEventListener("visibilitychange", function () {
      if (!dialog.open || mode !== "looking") return;
      if (document.hidden) stop(); else start();
    });
  }

  function brought(address) {
    if (dialog) return Promise.resolve();
    var headers = { "HX-Request": "true", "HX-Target": "scanner" };
    return fetch(address, { headers: headers }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error("no dialog");
      return answer.text();
    }).then(function (said) {
      dialog = parsed(said).querySelector("#scanner");
      document.body.append(dialog);
      dialog.querySelector("#scanner-on").checked = localStorage.getItem("scanner-on") === "1";
      listen();
    });
  }

  function open(opener) {
    var data = opener.dataset;
    target = { address: data.scan, into: data.scanInto, press: data.scanPress, any: "scanAny" in data };
    return brought(target.address).then(function () {
      if (dialog.open) return;
      taken = [];
      part("more").hidden = !target.press;
      dialog.showModal();
      start();
    });
  }

  return { open: open };
})();
