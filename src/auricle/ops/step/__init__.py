"""Element-wise parts of one streaming step of many streams: `fused` holds them compiled."""
