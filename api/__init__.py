"""Every way in: command line, HTTP and pages, and the service behind them."""
