"""Pages of this room. Each reads through `visible_to` and draws what the modules beside this package worked out."""
