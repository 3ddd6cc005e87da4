"""What goes with a parcel on paper: pick list, packing list, labels, delivery note."""
