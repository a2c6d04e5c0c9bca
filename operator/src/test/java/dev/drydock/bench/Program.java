package dev.drydock.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that is measured: a process that was given the cluster's kubeconfig. */
record Program(Process process) {
  /** Starts a command; what it prints is added to {@code log}. */
  static Program start(List<String> command, Path kubeconfig, Path log) throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    Process process =
        builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile())).start();
    // However this process ends, nothing of it is left.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new Program(process);
  }

  /** Starts a file; its log is beside it. */
  static Program start(String file, Path kubeconfig) throws IOException {
    return start(List.of(file), kubeconfig, Path.of(file + ".log"));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Asks it to end, and insists after a while. */
  void end() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      kill();
    }
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Sends a signal: {@code STOP}, {@code CONT}. */
  void signal(String name) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (status != 0 && process.isAlive()) {
      throw new IOException("kill -" + name + " ended with " + status);
    }
  }

  /** Seconds of CPU time so far. */
  double cpu() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  /** A line of /proc/PID/status, in MiB. */
  double memory(String which) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith(which + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    return -1;
  }
}
