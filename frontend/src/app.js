// The whole client side of Guanxi: small modules that work on the HTML the server sends.
import htmx from "htmx.org";
import "./setup.js";
import "./shortcuts.js";
import "./menus.js";
import "./forms.js";
import "./combobox.js";
import "./lines.js";
import "./why.js";
import "./unsaved.js";
import "./selection.js";
import "./filters.js";
import "./builder.js";
import "./widths.js";
import "./cells.js";
import "./palette.js";
import "./dialogs.js";
import "./mentions.js";
import "./live.js";
import "./bell.js";
import "./board.js";
import "./edges.js";
import "./attach.js";
import "./keep.js";
import "./phone.js";
import "./tour.js";

window.htmx = htmx;
