package dev.drydock.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;

/** Starts k3s in a container that outlives the program: the lab's cluster where there is Docker. */
final class K3s {
  private static final String IMAGE = "rancher/k3s:v1.34.1-k3s1";

  private K3s() {}

  /**
   * Writes the kubeconfig to the first path that it is given, and the container's id to the second.
   */
  @SuppressWarnings("resource") // It is to stay: ./lab down removes it.
  public static void main(String... paths) throws IOException {
    var k3s = new K3sContainer(DockerImageName.parse(IMAGE));
    k3s.start();
    Files.writeString(Path.of(paths[0]), k3s.getKubeConfigYaml());
    Files.writeString(Path.of(paths[1]), k3s.getContainerId());
    System.exit(0);
  }
}
