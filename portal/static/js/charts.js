// Draws every [data-chart]. The library is large, so it is fetched when the first chart is about
// to be seen, never on a page without one. Colours come from the page and follow its theme.
(function () {
  "use strict";
  var libraryAddress = document.currentScript.dataset.echarts;
  var currency = document.currentScript.dataset.currency;
  var library;

  function fetchLibrary() {
    library = library || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = libraryAddress;
      script.onload = function () { resolve(window.echarts); };
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function formatter(kind, compact) {
    var style = kind === "money"
      ? { style: "currency", currency: currency, currencyDisplay: "narrowSymbol" }
      : {};
    var digits = compact ? { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 } : {};
    var format = new Intl.NumberFormat(document.documentElement.lang, Object.assign(style, digits));
    return function (value) { return format.format(value); };
  }

  // A waterfall is bars on an invisible one that lifts each to where the last ended.
  function waterfall(series, totals) {
    var floor = 0;
    var lift = [], bars = [];
    series.values.map(Number).forEach(function (value, index) {
      var total = totals.indexOf(index) >= 0;
      var start = total ? 0 : floor;
      floor = start + value;
      lift.push(Math.min(start, floor));
      var tone = total ? "--chart-5" : value < 0 ? "--chart-3" : "--chart-1";
      bars.push({ value: Math.abs(value), itemStyle: { color: colour(tone) } });
    });
    var hidden = {
      type: "bar",
      stack: "all",
      silent: true,
      itemStyle: { color: "transparent" },
      tooltip: { show: false },
      data: lift
    };
    return [hidden, { name: series.name, type: "bar", stack: "all", barMaxWidth: 36, data: bars }];
  }

  function plain(spec) {
    return spec.series.map(function (one, index) {
      var own = { name: one.name, data: one.values.map(Number), color: colour("--chart-" + (index % 5 + 1)) };
      var stack = spec.kind === "stacked" ? "all" : undefined;
      return spec.kind === "line"
        ? Object.assign(own, { type: "line", smooth: false, symbolSize: 6, lineStyle: { width: 2 } })
        : Object.assign(own, { type: "bar", barMaxWidth: 28, stack: stack });
    });
  }

  function options(spec) {
    var text = {
      color: colour("--portal-muted"),
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 12
    };
    var rule = { lineStyle: { color: colour("--portal-line") } };
    var several = spec.series.length > 1;
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 300,
      textStyle: text,
      grid: {
        left: 4,
        right: 20,
        top: several ? 34 : 12,
        bottom: 4,
        outerBoundsMode: "same",
        outerBoundsContain: "axisLabel"
      },
      legend: several
        ? { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: text }
        : undefined,
      tooltip: {
        trigger: "axis",
        // Drawn on the canvas; the HTML tooltip would need style attributes, which the policy forbids.
        renderMode: "richText",
        backgroundColor: colour("--portal-surface"),
        borderColor: colour("--portal-line"),
        textStyle: { color: colour("--portal-text"), fontSize: 12 },
        valueFormatter: formatter(spec.format, false)
      },
      xAxis: {
        type: "category",
        data: spec.categories,
        axisLine: rule,
        axisTick: { show: false },
        axisLabel: text
      },
      yAxis: {
        type: "value",
        splitLine: rule,
        axisLabel: Object.assign({ formatter: formatter(spec.format, true) }, text)
      },
      series: spec.kind === "waterfall" ? waterfall(spec.series[0], spec.totals || []) : plain(spec)
    };
  }

  function drawn(box) {
    return window.echarts && window.echarts.getInstanceByDom(box);
  }

  function draw(box) {
    fetchLibrary().then(function (echarts) {
      if (!box.isConnected) return;
      var chart = echarts.getInstanceByDom(box) || echarts.init(box, null, { renderer: "canvas" });
      chart.setOption(options(JSON.parse(box.dataset.chart)), true);
    }, function () { // no library: the figures stand in the table
      box.nextElementSibling.open = true;
      library = null;
    });
  }

  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      seen.unobserve(entry.target);
      if (!drawn(entry.target)) draw(entry.target);
    });
  }, { rootMargin: "200px" });
  var resized = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      var chart = drawn(entry.target);
      if (chart) chart.resize();
    });
  });

  function watch() {
    document.querySelectorAll("[data-chart]").forEach(function (box) {
      seen.observe(box);
      resized.observe(box);
    });
  }
  function redraw() {
    document.querySelectorAll("[data-chart]").forEach(function (box) {
      if (drawn(box)) draw(box);
    });
  }
  function dispose(event) {
    if (!event.target.matches || !event.target.matches("[data-chart]")) return;
    var chart = drawn(event.target);
    if (chart) chart.dispose();
  }

  document.addEventListener("DOMContentLoaded", watch);
  document.addEventListener("htmx:afterSettle", watch);
  document.addEventListener("htmx:beforeCleanupElement", dispose);
  document.addEventListener("portal:theme", redraw);
})();
