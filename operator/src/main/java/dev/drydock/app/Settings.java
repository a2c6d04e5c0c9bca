package dev.drydock.app;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the environment says, by variables that begin with {@code DRYDOCK_}.
 *
 * @param namespace the operator's own
 * @param instance this process, as the lease and events name it
 * @param watchNamespaces empty: all
 * @param httpPort of the endpoints; 0: any that is free
 */
record Settings(
    String namespace,
    String instance,
    Set<String> watchNamespaces,
    boolean leaderElection,
    String image,
    String imagePullPolicy,
    List<String> imagePullSecrets,
    int httpPort) {

  Settings {
    watchNamespaces = Set.copyOf(watchNamespaces);
    imagePullSecrets = List.copyOf(imagePullSecrets);
  }

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException with a sentence that names the variable to mend
   */
  static Settings of(Map<String, String> environment) {
    String port = environment.getOrDefault("DRYDOCK_HTTP_PORT", "8080");
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw new IllegalArgumentException("DRYDOCK_HTTP_PORT must be a port number, not " + port);
    }
    String elect = environment.getOrDefault("DRYDOCK_LEADER_ELECTION", "true");
    if (!elect.equals("true") && !elect.equals("false")) {
      throw new IllegalArgumentException(
          "DRYDOCK_LEADER_ELECTION must be true or false, not " + elect);
    }
    return new Settings(
        environment.getOrDefault("DRYDOCK_NAMESPACE", "drydock-system"),
        environment.getOrDefault(
            "DRYDOCK_POD_NAME", environment.getOrDefault("HOSTNAME", "operator")),
        Set.copyOf(words(environment.getOrDefault("DRYDOCK_WATCH_NAMESPACES", ""))),
        Boolean.parseBoolean(elect),
        environment.getOrDefault("DRYDOCK_IMAGE", "drydock"),
        environment.getOrDefault("DRYDOCK_IMAGE_PULL_POLICY", "IfNotPresent"),
        words(environment.getOrDefault("DRYDOCK_IMAGE_PULL_SECRETS", "")),
        Integer.parseInt(port));
  }

  private static List<String> words(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .distinct()
        .collect(Collectors.toList());
  }
}
