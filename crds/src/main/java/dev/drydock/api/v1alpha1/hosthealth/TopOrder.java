package dev.drydock.api.v1alpha1.hosthealth;

/** What makes a process heavy. */
public enum TopOrder {
  Memory,
  Cpu
}
