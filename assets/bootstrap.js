// What the portal uses of Bootstrap's script: menus that open, and the navigation that folds away on a phone.
import "bootstrap/js/src/collapse.js";
import "bootstrap/js/src/dropdown.js";
