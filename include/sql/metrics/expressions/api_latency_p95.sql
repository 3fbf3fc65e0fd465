${include shared/latency share=0.95}
