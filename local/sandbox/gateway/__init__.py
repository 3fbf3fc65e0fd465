"""The dialect as the company's project describes the source."""
