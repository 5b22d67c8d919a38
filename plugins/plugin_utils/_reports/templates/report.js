{#
Copyright (c) 2026, community.huaweicloud contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
#}
(() => {
  "use strict";
  const search = document.querySelector("#search");
  const tiles = [...document.querySelectorAll("button.tile")];
  const rows = [...document.querySelectorAll("tbody tr.resource")];
  const countText = document.querySelector("#count");
  const noMatch = document.querySelector("#no-match");

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = tiles.filter((tile) => tile.getAttribute("aria-pressed") === "true").map((tile) => tile.dataset.state);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = (!states.length || states.includes(row.dataset.state)) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    countText.textContent = `${count} of ${rows.length}`;
    noMatch.hidden = count > 0 || !rows.length;
  }

  for (const tile of tiles) {
    tile.addEventListener("click", () => {
      tile.setAttribute("aria-pressed", String(tile.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  search.addEventListener("input", filter);

  const expand = document.querySelector("#expand");
  const details = [...document.querySelectorAll("tbody tr.resource details")];

  function label() {
    const all = details.every((entry) => entry.open);
    expand.textContent = all ? "Collapse all" : "Expand all";
    expand.setAttribute("aria-pressed", String(all));
  }

  expand.addEventListener("click", () => {
    const open = !details.every((entry) => entry.open);
    for (const entry of details) {
      entry.open = open;
    }
  });
  for (const entry of details) {
    entry.addEventListener("toggle", label);
  }
  expand.hidden = !details.length;
  label();
  document.querySelector("#filter").addEventListener("submit", (event) => event.preventDefault());
  document.documentElement.classList.add("scripted");
  filter();
})();
