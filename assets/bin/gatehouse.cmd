@echo off
rem The `gatehouse` command of an installed Gatehouse: the command line on the app's own Node, without a window.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\..\Gatehouse.exe" "%~dp0..\app.asar\out\main\cli.js" %*
