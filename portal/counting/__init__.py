"""What lies in a warehouse is counted blind, and put right when another person agrees."""
