package dev.drydock.task;

import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import dev.drydock.probe.LookAssignment.Reach;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Keys of hosts, as the kubelet mounts them: {@code <secret>/<key>}. */
record MountedIdentities(Path directory) {

  /**
   * How to reach a host.
   *
   * @throws NoSuchFileException if its Secret was not there when the pod started
   */
  HostAccess access(Reach reach) throws IOException {
    Path secret = directory.resolve(reach.identity());
    return new HostAccess(
        reach.name(),
        reach.address(),
        reach.port(),
        reach.user(),
        new Identity(
            Files.readString(secret.resolve("ssh-privatekey")).strip() + "\n",
            optional(secret.resolve("passphrase")),
            optional(secret.resolve("ssh-certificate"))),
        reach.hostKeys(),
        reach.jump() == null ? null : access(reach.jump()));
  }

  private static @Nullable String optional(Path file) throws IOException {
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? null : text;
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
