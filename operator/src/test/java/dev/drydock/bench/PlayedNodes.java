package dev.drydock.bench;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.work.WorkResult;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Plays the kubelets, since two cores don't carry a thousand JVMs: each pod is run once, which is a
 * line in a journal and some time, and ends well, with the word that the operator expects. Like a
 * kubelet it keeps what it knows while the API server is away.
 */
final class PlayedNodes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String JOB_NAME = "batch.kubernetes.io/job-name";

  private final KubernetesClient client;
  private final Path journal;
  private final Duration run;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SharedIndexInformer<Pod> pods;

  /** By UID. */
  private final Map<String, Pod> begun = new ConcurrentHashMap<>();

  private final Map<String, Pod> running = new ConcurrentHashMap<>();

  /** By namespace and Job, when a pod of it was first seen. */
  private final Map<String, Instant> seen = new ConcurrentHashMap<>();

  /**
   * @param kubeconfig of the cluster; its connection is their own, since they open more streams on
   *     it at once than another has room beside
   */
  PlayedNodes(Path kubeconfig, Path journal, Duration run) {
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
            .build();
    this.journal = journal;
    this.run = run;
    pods =
        client
            .pods()
            .inAnyNamespace()
            .inform(
                new ResourceEventHandler<>() {
                  @Override
                  public void onAdd(Pod pod) {
                    meet(pod);
                  }

                  @Override
                  public void onUpdate(Pod before, Pod pod) {
                    meet(pod);
                  }

                  @Override
                  public void onDelete(Pod pod, boolean unknown) {
                    running.remove(pod.getMetadata().getUid());
                  }
                });
  }

  /** When pods of a namespace's Jobs were first seen, by Job. */
  Map<String, Instant> seen() {
    return Map.copyOf(seen);
  }

  /** Pods that are in the middle of their run. */
  List<Pod> running() {
    return List.copyOf(running.values());
  }

  private void meet(Pod pod) {
    String phase = pod.getStatus() == null ? "Pending" : pod.getStatus().getPhase();
    if (phase.equals("Pending")
        && pod.getMetadata().getDeletionTimestamp() == null
        && pod.getSpec().getSchedulingGates().isEmpty()
        && begun.putIfAbsent(pod.getMetadata().getUid(), pod) == null) {
      Instant now = Instant.now();
      seen.putIfAbsent(pod.getMetadata().getNamespace() + "/" + job(pod), now);
      threads.execute(() -> run(pod, now));
    }
  }

  private static String job(Pod pod) {
    return pod.getMetadata().getLabels().getOrDefault(JOB_NAME, "");
  }

  private void run(Pod pod, Instant start) {
    write(pod, start);
    running.put(pod.getMetadata().getUid(), pod);
    try {
      Thread.sleep(run);
      if (running.remove(pod.getMetadata().getUid()) != null) {
        end(pod, start);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void write(Pod pod, Instant start) {
    String job = job(pod);
    long minute = Long.parseLong(job.substring(job.lastIndexOf('-') + 1));
    try {
      Files.writeString(
          journal,
          String.join(
                  " ",
                  pod.getMetadata().getNamespace(),
                  job.substring(0, job.lastIndexOf('-')),
                  Instant.ofEpochSecond(minute * 60).toString(),
                  pod.getMetadata().getName(),
                  start.toString())
              + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void end(Pod pod, Instant start) throws InterruptedException {
    Instant now = Instant.now();
    var status =
        new PodBuilder()
            .withNewStatus()
            .withPhase("Succeeded")
            .withContainerStatuses(
                new ContainerStatusBuilder()
                    .withName("task")
                    .withImage("played")
                    .withImageID("played")
                    .withReady(false)
                    .withRestartCount(0)
                    .withNewState()
                    .withNewTerminated()
                    .withExitCode(0)
                    .withReason("Completed")
                    .withStartedAt(seconds(start))
                    .withFinishedAt(seconds(now))
                    .withMessage(
                        new WorkResult(now, Outcome.Succeeded, "played", List.of()).encode())
                    .endTerminated()
                    .endState()
                    .build())
            .endStatus()
            .build();
    String patch =
        "{\"status\":" + client.getKubernetesSerialization().asJson(status.getStatus()) + "}";
    Instant end = now.plus(PATIENCE);
    while (Instant.now().isBefore(end)) {
      try {
        var _ =
            client
                .pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
          return;
        }
        Thread.sleep(500);
      }
    }
  }

  private static String seconds(Instant instant) {
    return Instant.ofEpochSecond(instant.getEpochSecond()).toString();
  }

  @Override
  public void close() {
    pods.close();
    threads.shutdownNow();
    client.close();
  }
}
