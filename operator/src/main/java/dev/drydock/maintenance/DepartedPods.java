package dev.drydock.maintenance;

import dev.drydock.kube.PodEnd;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Pods that had ended when they went, as they were last seen. Whoever drains a node or deletes a
 * pod takes its word away, often before its Job has its end. Kept in memory only: after a restart,
 * such a word is lost.
 */
final class DepartedPods {
  private static final int MOST = 500;

  private final Map<String, Pod> pods =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Pod> eldest) {
          return size() > MOST;
        }
      };

  synchronized void add(Pod pod) {
    if (PodEnd.of(pod).isPresent()) {
      pods.put(
          key(pod.getMetadata().getNamespace(), pod.getMetadata().getName()),
          new PodBuilder().withMetadata(pod.getMetadata()).withStatus(pod.getStatus()).build());
    }
  }

  synchronized Optional<Pod> find(String namespace, String name) {
    return Optional.ofNullable(pods.get(key(namespace, name)));
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
