package dev.drydock.task;

import dev.drydock.port.Credentials;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;

/** Secrets as the kubelet mounts them: a directory each, with a file for each key. */
record MountedCredentials(Path directory) implements Credentials {
  private static final int MOST = 64 * 1024;

  @Override
  public Answer read(String secretName) {
    var values = new HashMap<String, String>();
    // What begins with two dots is the kubelet's own.
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            directory.resolve(secretName),
            file -> !file.getFileName().toString().startsWith(".."))) {
      for (Path file : files) {
        if (Files.size(file) <= MOST) {
          values.put(file.getFileName().toString(), Files.readString(file));
        }
      }
    } catch (IOException e) {
      values.clear();
    }
    return values.isEmpty()
        ? new Absent("the Secret " + secretName + " was not there when the pod started: create it")
        : new Present(values);
  }
}
