// A textarea[data-sheet] of lines and tabs, shown as a spreadsheet: arrows, Tab and Enter move, typing edits,
// a block from Excel is pasted, Ctrl+Z takes back. Only the rows in view are drawn, so 10,000 are no burden.
// The text stays what is sent: without this script it is edited as text.
(function () {
  "use strict";
  var ROW_HEIGHT = 32; // pixels, as in portal.css
  var SPARE_ROWS = 10; // drawn above and below the view
  var STEPS_KEPT = 200; // that can be taken back

  function parsed(text) {
    var lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
    var rows = lines.map(function (line) { return line.split("\t"); });
    var width = rows.reduce(function (most, row) { return Math.max(most, row.length); }, 1);
    rows.forEach(function (row) { while (row.length < width) row.push(""); });
    return rows;
  }

  function columnName(place) {
    var name = "";
    for (place += 1; place > 0; place = Math.floor((place - 1) / 26)) {
      name = String.fromCharCode(65 + (place - 1) % 26) + name;
    }
    return name;
  }

  function element(name, attributes, text) {
    var made = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function Sheet(source) {
    this.source = source;
    this.rows = parsed(source.value);
    this.editable = !source.readOnly;
    this.wrong = new Set((source.dataset.faults || "").split(" ").filter(Boolean));
    this.row = Math.min(1, this.rows.length - 1);
    this.column = 0;
    this.done = [];
    this.input = null;
    this.build();
    this.draw();
  }

  Sheet.prototype.build = function () {
    var sheet = this;
    this.box = element("div", {
      class: "sheet", role: "grid", tabindex: "0", "aria-label": this.source.dataset.label,
      "aria-rowcount": String(this.rows.length), "aria-colcount": String(this.rows[0].length),
    });
    this.table = element("table", { class: "sheet-table", role: "presentation" });
    this.above = element("tbody", { role: "presentation" });
    this.body = element("tbody", { role: "presentation" });
    this.below = element("tbody", { role: "presentation" });
    [this.above, this.body, this.below].forEach(function (part) { sheet.table.append(part); });
    this.box.append(this.table);
    this.source.hidden = true;
    this.source.before(this.box);
    this.box.addEventListener("scroll", function () { sheet.draw(); });
    this.box.addEventListener("keydown", function (event) { sheet.key(event); });
    this.box.addEventListener("paste", function (event) { sheet.paste(event); });
    this.box.addEventListener("copy", function (event) { sheet.copy(event); });
    this.box.addEventListener("mousedown", function (event) { sheet.choose(event); });
    this.box.addEventListener("dblclick", function () { sheet.edit(sheet.value()); });
  };

  // Rows outside the view are one empty row as high as all of them; its height is an attribute, because
  // styles in markup are forbidden.
  function spacer(part, count) {
    part.replaceChildren();
    if (count <= 0) return;
    var row = element("tr", { "aria-hidden": "true" });
    row.append(element("td", { height: String(count * ROW_HEIGHT), class: "sheet-spacer" }));
    part.append(row);
  }

  Sheet.prototype.draw = function () {
    if (this.input) return;
    var first = Math.max(0, Math.floor(this.box.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    var count = Math.ceil((this.box.clientHeight || 480) / ROW_HEIGHT) + 2 * SPARE_ROWS;
    var last = Math.min(this.rows.length, first + count);
    spacer(this.above, first);
    spacer(this.below, this.rows.length - last);
    this.body.replaceChildren();
    for (var place = first; place < last; place += 1) this.body.append(this.drawn(place));
    var active = this.body.querySelector("[aria-selected=true]");
    if (active) this.box.setAttribute("aria-activedescendant", active.id);
  };

  Sheet.prototype.drawn = function (place) {
    var sheet = this;
    var line = element("tr", { role: "row", "aria-rowindex": String(place + 1) });
    if (!place) line.className = "sheet-head";
    line.append(element("th", { role: "rowheader", scope: "row" }, String(place + 1)));
    this.rows[place].forEach(function (text, column) {
      var active = place === sheet.row && column === sheet.column;
      var cell = element("td", {
        role: "gridcell", id: "sheet-" + columnName(column) + (place + 1), "aria-selected": String(active),
        "data-row": String(place), "data-column": String(column),
      }, text);
      if (sheet.wrong.has(columnName(column) + (place + 1))) cell.setAttribute("aria-invalid", "true");
      line.append(cell);
    });
    return line;
  };

  Sheet.prototype.value = function () { return this.rows[this.row][this.column]; };

  Sheet.prototype.move = function (rows, columns) {
    this.row = Math.max(0, Math.min(this.rows.length - 1, this.row + rows));
    this.column = Math.max(0, Math.min(this.rows[0].length - 1, this.column + columns));
    var top = this.row * ROW_HEIGHT;
    if (top < this.box.scrollTop + ROW_HEIGHT) this.box.scrollTop = Math.max(0, top - ROW_HEIGHT);
    var bottom = top + 2 * ROW_HEIGHT - this.box.clientHeight;
    if (bottom > this.box.scrollTop) this.box.scrollTop = bottom;
    this.draw();
    var active = this.body.querySelector("[aria-selected=true]");
    if (active) active.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  // Every change goes through here: what was there before can be taken back as a whole.
  Sheet.prototype.change = function (changes, count) {
    this.done.push({ count: this.rows.length, was: changes.map(function (one) {
      return { row: one.row, column: one.column, text: (this.rows[one.row] || [])[one.column] || "" };
    }, this) });
    if (this.done.length > STEPS_KEPT) this.done.shift();
    this.grow(count || this.rows.length);
    this.put(changes);
  };

  Sheet.prototype.grow = function (count) {
    var width = this.rows[0].length;
    while (this.rows.length < count) this.rows.push(new Array(width).fill(""));
    this.rows.length = count;
    this.box.setAttribute("aria-rowcount", String(count));
  };

  Sheet.prototype.put = function (changes) {
    changes.forEach(function (one) {
      if (this.rows[one.row]) this.rows[one.row][one.column] = one.text;
    }, this);
    this.source.value = this.rows.map(function (row) { return row.join("\t"); }).join("\n");
    this.source.dispatchEvent(new Event("input", { bubbles: true }));
    this.row = Math.min(this.row, this.rows.length - 1);
    this.draw();
  };

  Sheet.prototype.undo = function () {
    var last = this.done.pop();
    if (!last) return;
    this.put(last.was);
    this.grow(last.count);
    this.put([]);
  };

  Sheet.prototype.addRow = function () {
    this.change([], this.rows.length + 1);
    this.row = this.rows.length - 1;
    this.column = 0;
    this.move(0, 0);
    this.box.focus();
  };

  Sheet.prototype.edit = function (text) {
    if (!this.editable || this.input || this.row === 0) return;
    var sheet = this;
    var cell = this.body.querySelector("[aria-selected=true]");
    if (!cell) return;
    this.input = element("input", { class: "sheet-input", "aria-label": cell.id.replace("sheet-", "") });
    this.input.value = text;
    cell.replaceChildren(this.input);
    this.input.focus();
    this.input.addEventListener("blur", function () { sheet.close(true); });
  };

  Sheet.prototype.close = function (keep) {
    if (!this.input) return;
    var text = this.input.value.replace(/[\t\r\n]+/g, " ");
    this.input = null;
    if (keep && text !== this.value()) {
      this.change([{ row: this.row, column: this.column, text: text }]);
    } else {
      this.draw();
    }
  };

  Sheet.prototype.choose = function (event) {
    var cell = event.target.closest("[data-row]");
    if (!cell || this.input) return;
    this.row = Number(cell.dataset.row);
    this.column = Number(cell.dataset.column);
    this.draw();
    this.box.focus();
    event.preventDefault();
  };

  var MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  Sheet.prototype.key = function (event) {
    if (event.isComposing) return;
    var page = Math.max(1, Math.floor(this.box.clientHeight / ROW_HEIGHT) - 2);
    if (this.input) {
      if (event.key === "Escape") { this.close(false); this.box.focus(); event.preventDefault(); return; }
      if (event.key !== "Enter" && event.key !== "Tab") return;
      this.close(true);
      this.box.focus();
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      if (this.editable) this.undo();
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (MOVES[event.key]) {
      this.move(MOVES[event.key][0], MOVES[event.key][1]);
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      this.move(event.key === "PageDown" ? page : -page, 0);
    } else if (event.key === "Home" || event.key === "End") {
      this.move(0, event.key === "Home" ? -this.column : this.rows[0].length);
    } else if (event.key === "Enter") {
      if (event.target === this.box && this.editable && this.row > 0 && event.shiftKey) this.move(-1, 0);
      else if (this.row === this.rows.length - 1 && this.editable) this.addRow();
      else this.move(1, 0);
    } else if (event.key === "Tab") {
      var end = event.shiftKey ? this.column === 0 : this.column === this.rows[0].length - 1;
      if (end) return; // the keyboard leaves the sheet at the end of a row
      this.move(0, event.shiftKey ? -1 : 1);
    } else if (event.key === "F2") {
      this.edit(this.value());
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (this.editable && this.row > 0) this.change([{ row: this.row, column: this.column, text: "" }]);
    } else if (event.key.length === 1) {
      this.edit(""); // the character itself is typed into it
      return;
    } else if (event.key === "Process") {
      this.edit(""); // an input method begins
      return;
    } else {
      return;
    }
    event.preventDefault();
  };

  Sheet.prototype.paste = function (event) {
    if (this.input || !this.editable) return;
    event.preventDefault();
    var block = parsed(event.clipboardData.getData("text/plain"));
    var from = Math.max(1, this.row), width = this.rows[0].length, changes = [];
    block.forEach(function (texts, down) {
      texts.forEach(function (text, right) {
        if (this.column + right < width) {
          changes.push({ row: from + down, column: this.column + right, text: text.trim() });
        }
      }, this);
    }, this);
    this.change(changes, Math.max(this.rows.length, from + block.length));
  };

  Sheet.prototype.copy = function (event) {
    if (this.input) return;
    event.clipboardData.setData("text/plain", this.value());
    event.preventDefault();
  };

  document.querySelectorAll("textarea[data-sheet]").forEach(function (source) {
    var sheet = new Sheet(source);
    var form = source.form;
    form.querySelectorAll("[data-sheet-add], [data-sheet-undo]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        if (button.matches("[data-sheet-add]")) sheet.addRow();
        else sheet.undo();
      });
    });
  });
})();
